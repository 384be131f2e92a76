/** What the node tells of the region. Field names and meanings: instruments/region/board_types.py. */
import type { Moment, NoticeMatch } from '../picture.ts'
import { place, utcDate } from '../say.ts'
import { t } from '../strings.ts'

export interface Interval {
  readonly begins_at: Moment
  readonly ends_at: Moment
}

export interface Spot {
  readonly lat_deg: number
  readonly lon_deg: number
  readonly within_m: number
}

export type Corner = readonly [lat_deg: number, lon_deg: number]

export interface Place {
  readonly name: string
  readonly language: string
  readonly spot: Spot | null
  readonly outline: readonly Corner[] | null
}

export interface GradeRow {
  readonly member: string
  readonly grade: string
  readonly means: string
  readonly language: string
  readonly reason: string
  readonly at: Moment
}

export interface Stated {
  readonly when: Interval | null
  readonly where: Spot | null
  readonly counts: readonly { readonly of: string; readonly least: number; readonly most: number | null }[]
  readonly outcome: string | null
}

export interface ReportRow {
  readonly id: string
  readonly member: string
  readonly author: string
  readonly at: Moment
  readonly title: string
  readonly language: string
  readonly excerpt: string
  readonly publisher: string
  readonly url: string
  readonly published_at: Moment | null
  readonly retrieved_at: Moment
  readonly sha256: string
  readonly read_from: 'feed' | 'article' | 'dataset' | 'officer'
  readonly licence: string
  readonly stated: Stated
  readonly grades: readonly GradeRow[]
  readonly incidents: readonly string[]
  /** What to know before it is believed. */
  readonly doubts: readonly string[]
  readonly banner: string
}

export interface Reports {
  readonly reports: readonly ReportRow[]
  readonly more: boolean
}

export interface ReportWhole {
  readonly report: ReportRow
  readonly text: string
  readonly whole: boolean
  readonly history: readonly GradeRow[]
}

export interface Claim {
  readonly report: string
  readonly said_by: string
  readonly grade: string
  readonly words: string
}

export interface Contradiction {
  readonly fact: string
  readonly first: Claim
  readonly second: Claim
  readonly words: string
}

export type Severity = 'none' | 'minor' | 'serious' | 'grave'
export type Confidence = 'low' | 'moderate' | 'high'

export interface AssessmentRow {
  readonly member: string
  readonly severity: Severity
  readonly confidence: Confidence
  readonly attribution: string
  readonly place: string
  readonly language: string
  readonly text: string
  readonly at: Moment
  readonly revised: number
  readonly banner: string
}

export interface IncidentRow {
  readonly id: string
  readonly member: string
  readonly at: Moment
  readonly type: string
  readonly title: string
  readonly language: string
  readonly when: Interval
  readonly where: Place | null
  readonly disputed: readonly {
    readonly area: string
    readonly names: readonly { readonly claimant: string; readonly language: string; readonly name: string }[]
  }[]
  readonly outcome: string | null
  readonly taken_from: { readonly dataset: string; readonly line: string } | null
  readonly grades: readonly string[]
  readonly reports: number
  readonly assessments: number
  readonly gravest: Severity | null
  readonly contradictions: number
  readonly consultations: number
  readonly amended: number
  readonly recent: boolean
  readonly banner: string
}

export interface Incidents {
  readonly incidents: readonly IncidentRow[]
  readonly more: boolean
}

export interface Word {
  readonly word: string
  readonly means: string
}

export interface IncidentWhole {
  readonly at: Moment
  readonly incident: IncidentRow
  readonly text: string
  readonly figures: readonly { readonly name: string; readonly value: number; readonly unit: string }[]
  readonly sources: readonly ReportRow[]
  readonly not_here: readonly string[]
  readonly rests_on: readonly string[]
  readonly assessments: readonly AssessmentRow[]
  readonly contradictions: readonly Contradiction[]
  readonly amendments: readonly { readonly at: Moment; readonly language: string; readonly reason: string }[]
  readonly consultations: readonly {
    readonly id: string
    readonly member: string
    readonly subject: string
    readonly at: Moment
  }[]
  readonly severities: readonly Word[]
  readonly confidences: readonly Word[]
}

export interface HazardArea {
  readonly name: string
  readonly outline: readonly Corner[]
}

export type LaunchClass = 'satellite-launch' | 'sounding-rocket' | 'ballistic-test' | 'other'

export interface NoticeRow {
  readonly id: string
  readonly member: string
  readonly at: Moment
  readonly notice: {
    readonly notifier: string
    readonly number: string
    readonly source: string
    readonly grade: string
    readonly vehicle: LaunchClass
    readonly windows: readonly Interval[]
    readonly site_name: string
    readonly site: Spot
    readonly language: string
    readonly words: string
    readonly areas: readonly HazardArea[]
    readonly direction_deg: number | null
  }
  readonly grade_means: string
  readonly state: 'standing' | 'over' | 'cancelled' | 'replaced'
  readonly because: string
  readonly replaced_by: string | null
  readonly matches: readonly {
    readonly alert: string
    readonly member: string
    readonly at: Moment
    readonly tracks: readonly string[]
    readonly fit: NoticeMatch['fit']
    readonly words: string
  }[]
  readonly banner: string
}

export interface Notices {
  readonly notices: readonly NoticeRow[]
  readonly more: boolean
}

export interface YearCount {
  readonly year: number
  readonly incidents: number
  readonly outcomes: readonly { readonly outcome: string; readonly incidents: number }[]
}

export interface Years {
  readonly at: Moment
  readonly incidents: number
  readonly years: readonly YearCount[]
}

export type Tab = 'incidents' | 'notices' | 'reports'
export const TABS: readonly Tab[] = ['incidents', 'notices', 'reports']

/** A source is open as `report.<id>`: incidents and notices are called by their records alone, as on the docket. */
export const REPORT = 'report.'

const DAY_MS = 86_400_000

/** `3 Oct 2022 22:22 UTC`; the day or the days where no more is known. */
export function when({ begins_at, ends_at }: Interval): string {
  const [from, to] = [Date.parse(begins_at), Date.parse(ends_at)]
  if (from % DAY_MS === 0 && to - from === DAY_MS) return t('incident.day', { day: utcDate(from) })
  const first = `${utcDate(from)} ${minute(begins_at)}`
  if (from === to) return `${first} UTC`
  const last = utcDate(to) === utcDate(from) ? minute(ends_at) : day(ends_at)
  return `${first} – ${last} UTC`
}

export function minute(moment: Moment): string {
  return new Date(moment).toISOString().slice(11, 16)
}

export function day(moment: Moment): string {
  return `${utcDate(Date.parse(moment))} ${minute(moment)}`
}

export function spotWords({ lat_deg, lon_deg, within_m }: Spot): string {
  return place(lat_deg, lon_deg, within_m)
}
