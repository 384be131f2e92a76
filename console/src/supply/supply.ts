/** What supply answers, by the node's own names, and how its numbers are said. */
import type { Help, Herfindahl, Measures, OfferRow, RequestRow, SupplyToldTypesNoticeRow as NoticeRow } from '../api.ts'
import { age, said } from '../say.ts'
import { t } from '../strings.ts'

export type {
  Basis,
  DependenceNow,
  DependenceRow,
  DisruptionNotice,
  Fails,
  FirmNamed,
  Help,
  HelpOffered,
  HelpRequested,
  Herfindahl,
  Impact,
  InputRow,
  InputWhole,
  Inputs,
  MeasureNotified as Measure,
  MeasureRow,
  Measures,
  MemberShare,
  Neighbour,
  OfferRow,
  Origin,
  RequestRow,
  ShareRow,
  ShareSet,
  StockPut as Stock,
  SupplyAnswersFinding as Finding,
  SupplyAnswersFindings as Findings,
  SupplyToldTypesMeetingRow as MeetingRow,
  SupplyToldTypesNoticeRow as NoticeRow,
  SupplyToldTypesNotices as Notices,
  WhatIf,
} from '../api.ts'

/** A number of days or percent, from at least to at most; one where the two are one. */
export function span(least: number | null, most: number | null): string {
  if (least === null && most === null) return t('supply.unknown')
  if (most === null) return t('supply.at-least', { n: whole(least ?? 0) })
  if (least === null) return t('supply.at-most', { n: whole(most) })
  return whole(least) === whole(most) ? whole(least) : `${whole(least)}–${whole(most)}`
}

/** Without decimals, thousands apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en').replaceAll(',', '\u202f')
}

/** By the United States' merger guidelines of 2010: concentrated above 1,500, highly above 2,500. */
export function concentration({ least, most }: Herfindahl): 'high' | 'middle' | 'low' | 'open' {
  if (least > 2_500) return 'high'
  if (most <= 1_500) return 'low'
  return least > 1_500 && most <= 2_500 ? 'middle' : 'open'
}

export function quantity(amount: number | null, unit: string): string {
  return amount === null ? t('supply.amount.open') : `${amount.toLocaleString('en')} ${unit}`.trim()
}

/** Where a set or a what-if ends on a scale that ends in a round number. */
export function roundUp(value: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(value, 1)))
  return [1, 2, 3, 4, 5, 6, 8, 10].map((n) => n * step).find((end) => end >= value) ?? 10 * step
}

/** How it stands with the meeting that a notice asks for. */
export function meetingWords({ meeting, meet_by }: NoticeRow, now_ms: number): string {
  const left_s = meet_by === null ? 0 : (Date.parse(meet_by) - now_ms) / 1000
  if (meeting === 'overdue') return t('supply.meeting.overdue', { age: age(-left_s) })
  if (meeting === 'waits') return t('supply.meeting.waits', { age: age(left_s) })
  return t(meeting === 'met' ? 'supply.meeting.met' : 'supply.meeting.not-asked')
}

export function helpState(row: RequestRow | OfferRow): string {
  if ('request' in row) return said('supply.help', row.state)
  return t(row.accepted === null ? 'supply.help.stands' : 'supply.help.accepted')
}

/** The parts of the room; how what is open in it begins in the address. */
export const PARTS = ['notices', 'help', 'measures', 'inputs', 'what-if', 'gaps'] as const
export type Part = (typeof PARTS)[number]

/** The part that an address opens: a record is one of the first three. */
export function partOf(id: string | null, help: Help | null, measures: Measures | null): Part {
  if (id === null) return 'notices'
  if (id.startsWith('in:')) return 'inputs'
  const named = PARTS.find((one) => id === one || id.startsWith(`${one}:`))
  if (named) return named
  if (help && [...help.requests, ...help.offers].some((row) => row.id === id)) return 'help'
  return measures?.measures.some((row) => row.id === id) ? 'measures' : 'notices'
}
