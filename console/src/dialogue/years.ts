/** What the dialogue answers, and the little that follows from it for the eye. */
import type { CommitmentRow, DialogueMeetingTypesMeetingRow as MeetingRow, SeriesRow } from '../api.ts'
import { formatter } from '../language.svelte.ts'
import { t } from '../strings.ts'
import type { Level } from '../urgency.ts'

export type {
  AgendaItem,
  AgendaRow,
  Citation,
  CommitmentRow,
  Commitments,
  ConsultRecordsVersion as Version,
  DialogueMeetingTypesMeetingRow as MeetingRow,
  Evidence,
  Meetings,
  Milestone,
  MinutesRow,
  PaperRow,
  ProgressRow,
  ReviewRow,
  Seat,
  Series,
  SeriesList,
  SeriesRow,
  Tier,
  WholeCommitment,
  WholeMeeting,
} from '../api.ts'

export type MeetingState = 'planned' | 'moved' | 'cancelled' | 'held' | 'past'

const SOON_MS = 60 * 86_400_000
const YEAR_MS = 365.25 * 86_400_000

/** How a series stands: nothing is owed where nothing was promised. */
export function seriesLevel(row: SeriesRow, now_ms: number): Level {
  if (row.ended || row.owed_by === null) return 'off'
  if (row.overdue) return 'serious'
  if (row.next !== null) return 'normal'
  return Date.parse(row.owed_by) - now_ms < SOON_MS ? 'caution' : 'normal'
}

export function commitmentLevel(row: CommitmentRow): Level {
  if (row.nobodys || row.overdue) return 'serious'
  if (row.state === 'proposed') return 'caution'
  return row.state === 'fulfilled' ? 'normal' : row.open ? 'standby' : 'off'
}

const days = formatter({ day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })

/** `15 Nov 2024`, of a moment or of a day. */
export function day(moment: string): string {
  return days().format(Date.parse(moment))
}

/** When a meeting is, in UTC; of some only the days are known. */
export function span({ begins_at, ends_at, all_day }: MeetingRow): string {
  const [first, last] = [day(begins_at), day(ends_at)]
  if (all_day) return first === last ? first : t('dialogue.span', { first, last })
  const hour = (moment: string) => moment.slice(11, 16)
  return t('dialogue.hours', { day: first, begins: hour(begins_at), ends: hour(ends_at) })
}

/** The same in the time of its place. */
export function spanThere({ begins_at, time_zone }: MeetingRow): string {
  const there = formatter({
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: time_zone,
    timeZoneName: 'short',
  })
  return there().format(Date.parse(begins_at))
}

export interface OfficeRow {
  readonly member: string
  readonly office: string
  readonly promises: readonly CommitmentRow[]
}

/** Promises under the office that has them now, by member and office. */
export function byOffice(rows: readonly CommitmentRow[]): readonly OfficeRow[] {
  const found = new Map<string, { member: string; office: string; promises: CommitmentRow[] }>()
  for (const row of rows) {
    const office = row.bound_to ?? row.office
    const key = `${row.member} ${office}`
    const there = found.get(key) ?? { member: row.member, office, promises: [] }
    there.promises.push(row)
    found.set(key, there)
  }
  return [...found.entries()].sort(([one], [other]) => one.localeCompare(other)).map(([, row]) => row)
}

/** `+1`, `0`, `−1` as they are written. */
export function score(value: number): string {
  return value > 0 ? `+${value}` : value < 0 ? `\u2212${-value}` : '0'
}

/** The years that a plot shows, and where a moment stands between its edges, as a share. */
export interface Years {
  readonly years: readonly { readonly year: number; readonly at: number }[]
  at(moment: string | number): number
}

export function yearsOf(rows: readonly SeriesRow[], meetings: readonly MeetingRow[], now_ms: number): Years {
  const known = [now_ms, ...meetings.map(({ begins_at }) => Date.parse(begins_at))]
  const owed = rows.flatMap(({ owed_by }) => (owed_by === null ? [] : [Date.parse(owed_by)]))
  const first = new Date(Math.min(...known)).getUTCFullYear()
  const from_ms = Date.UTC(first, 0)
  const until_ms = Math.max(now_ms + YEAR_MS / 2, ...owed.map((at) => at + YEAR_MS / 12), ...known)
  const at = (moment: string | number) => {
    const value = typeof moment === 'string' ? Date.parse(moment) : moment
    return Math.min(1, Math.max(0, (value - from_ms) / (until_ms - from_ms)))
  }
  const count = new Date(until_ms).getUTCFullYear() - first + 1
  const years = Array.from({ length: count }, (_, n) => ({ year: first + n, at: at(Date.UTC(first + n, 0)) }))
  return { years, at }
}
