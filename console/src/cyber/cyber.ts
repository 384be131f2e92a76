/** What the node tells of attacks: by the names of its own answers. */
import type { CyberRecordsSeverity as Severity, IndicatorRow, SightingRow } from '../api.ts'
import { t } from '../strings.ts'
import type { Level } from '../urgency.ts'

export type {
  Advisories,
  Advisory,
  AdvisoryRow,
  CyberRecordsSeverity as Severity,
  CyberRecordsVersion as AdvisoryVersion,
  CyberShownTold as Told,
  EventRow,
  Events,
  IndicatorRow,
  Indicators,
  ObjectCourse,
  ObjectRow,
  Objects,
  Relation,
  SightingRow,
  Tlp,
} from '../api.ts'

/** What the list shows, and what is open beside it. */
export type Shelf = 'event' | 'advisory' | 'indicator' | 'object'
export const SHELVES: readonly Shelf[] = ['event', 'advisory', 'indicator', 'object']

export interface Opened {
  readonly shelf: Shelf
  readonly of: string
}

/** `advisory:<record>`, `object:<STIX id>`: an address names what it opens. What bears no such name is an object or a record. */
export function opened(id: string | null): Opened | null {
  if (id === null) return null
  const [shelf, ...rest] = id.split(':')
  const named = SHELVES.find((one) => one === shelf)
  if (named && rest.length > 0) return { shelf: named, of: rest.join(':') }
  return { shelf: id.includes('--') ? 'object' : 'advisory', of: id }
}

/** An indicator that several made is called by the first of its ids. */
export const idOf = (row: IndicatorRow) => row.ids[0] ?? row.record

export const SEVERITY: Readonly<Record<Severity, Level>> = {
  critical: 'serious',
  high: 'serious',
  medium: 'caution',
  low: 'standby',
}

export interface Dot {
  readonly key: string
  readonly member: string
  readonly from_ms: number
  readonly at_ms: number
  readonly count: number
}

/** One dot for each sighting, where it was last seen, with the span since it was first seen. */
export function dotsOf(sightings: readonly SightingRow[]): Dot[] {
  return sightings
    .map((one) => {
      const at_ms = Date.parse(one.last_seen || one.at)
      return {
        key: one.record,
        member: one.member,
        at_ms,
        from_ms: Math.min(at_ms, Date.parse(one.first_seen || one.last_seen || one.at)),
        count: one.count,
      }
    })
    .sort((one, other) => one.at_ms - other.at_ms)
}

const HOUR_MS = 3_600_000
const STEPS_MS = [HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS, 30 * 24 * HOUR_MS, 365 * 24 * HOUR_MS]
const MOST_TICKS = 8

export interface Axis {
  readonly from_ms: number
  readonly to_ms: number
  readonly ticks: readonly { readonly at_ms: number; readonly words: string }[]
}

/** From a little before the first sighting to now, with ticks on whole hours or days of UTC. */
export function axisOf(dots: readonly Dot[], now_ms: number): Axis {
  const first = Math.min(now_ms - 6 * HOUR_MS, ...dots.map(({ from_ms }) => from_ms))
  const last = Math.max(now_ms, ...dots.map(({ at_ms }) => at_ms))
  const margin = (last - first) * 0.04
  const [from_ms, to_ms] = [first - margin, last + margin]
  const step = STEPS_MS.find((one) => (to_ms - from_ms) / one <= MOST_TICKS) ?? (to_ms - from_ms) / MOST_TICKS
  const ticks = []
  for (let at_ms = Math.ceil(from_ms / step) * step; at_ms <= to_ms; at_ms += step) {
    const text = new Date(at_ms).toISOString()
    ticks.push({ at_ms, words: step < 24 * HOUR_MS ? `${text.slice(11, 16)}Z` : text.slice(0, 10) })
  }
  return { from_ms, to_ms, ticks }
}

/** `2026-11-22 09:00Z` */
export function moment(written: string): string {
  const at_ms = Date.parse(written)
  return Number.isNaN(at_ms) ? t('cyber.undated') : `${new Date(at_ms).toISOString().slice(0, 16).replace('T', ' ')}Z`
}
