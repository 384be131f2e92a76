/** What the node tells of the region. Field names and meanings: instruments/region/board_types.py. */
import type { Interval, Spot } from '../api.ts'
import type { Moment } from '../picture.ts'
import { place, utcDate } from '../say.ts'
import { t } from '../strings.ts'

export type {
  Confidence,
  Contradiction,
  GradeRow,
  HazardArea,
  IncidentRow,
  IncidentWhole,
  Incidents,
  Interval,
  LaunchClass,
  Place,
  RegionBoardTypesAssessmentRow as AssessmentRow,
  RegionBoardTypesClaim as Claim,
  RegionBoardTypesNoticeRow as NoticeRow,
  RegionBoardTypesNotices as Notices,
  RegionBoardTypesWord as Word,
  RegionRecordsSeverity as Severity,
  ReportRow,
  ReportWhole,
  Reports,
  Spot,
  Stated,
  YearCount,
  Years,
} from '../api.ts'

export type Corner = readonly [lat_deg: number, lon_deg: number]

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
