/** What supply answers, by the node's own names, and how its numbers are said. */
import { age, said } from '../say.ts'
import { t } from '../strings.ts'

export type Basis = 'firm' | 'headquarters' | 'stated-headquarters' | 'site' | 'unstated'
export type Fails = 'country' | 'firm' | 'input'

export interface Origin {
  readonly dataset: string
  readonly title: string
  readonly source: string
  readonly licence: string
  readonly years: readonly number[]
  readonly imported_at: string
}

export interface Herfindahl {
  readonly least: number
  readonly most: number
}

export interface InputRow {
  readonly key: string
  readonly name: string
  readonly sort: string
  readonly stage: string
  readonly herfindahl: Herfindahl | null
  readonly basis: Basis | null
  readonly cover_least_days: number | null
  readonly cover_most_days: number | null
}

export interface Inputs {
  readonly origin: Origin
  readonly inputs: readonly InputRow[]
}

export interface ShareRow {
  readonly name: string
  readonly least_pct: number
  readonly most_pct: number
}

export interface ShareSet {
  readonly basis: Basis
  readonly shares: readonly ShareRow[]
  readonly unnumbered: readonly string[]
  readonly known_pct: number
  readonly unknown_pct: number
  readonly scaled: boolean
  readonly herfindahl: Herfindahl
  readonly years: readonly number[]
  readonly sources: readonly string[]
}

export interface Neighbour {
  readonly key: string
  readonly name: string
  readonly sort: string
}

export interface Stock {
  readonly cover_least_days: number | null
  readonly cover_most_days: number | null
  readonly lead_least_days: number | null
  readonly lead_most_days: number | null
  readonly source: string
}

export interface InputWhole {
  readonly origin: Origin
  readonly key: string
  readonly name: string
  readonly sort: string
  readonly stage: string
  readonly text: string
  readonly market_size: string
  readonly year: number | null
  readonly sets: readonly ShareSet[]
  readonly needs: readonly Neighbour[]
  readonly into: readonly Neighbour[]
  readonly upstream: readonly string[]
  readonly downstream: readonly string[]
  readonly stock: Stock | null
  readonly stock_said_at: string | null
}

export interface MemberShare {
  readonly name: string
  readonly least_pct: number
  readonly most_pct: number
}

export interface DependenceRow {
  readonly input: string
  readonly basis: Basis
  readonly each: readonly MemberShare[]
  readonly together: MemberShare
  readonly outside: readonly ShareRow[]
  readonly outside_least_pct: number
  readonly outside_most_pct: number
}

export interface DependenceNow {
  readonly market: string | null
  readonly top: number
  readonly rows: readonly DependenceRow[]
}

export interface Impact {
  readonly key: string
  readonly name: string
  readonly basis: Basis | null
  readonly earliest: string
  readonly earliest_days: number
  readonly latest: string | null
  readonly latest_days: number | null
  readonly lost_least_pct: number
  readonly lost_most_pct: number
  readonly through: readonly string[]
  readonly unknown: readonly string[]
}

export interface WhatIf {
  readonly origin: Origin
  readonly begins_at: string
  readonly impacts: readonly Impact[]
  readonly words: string
}

export interface Finding {
  readonly sort: string
  readonly subject: string
  readonly words: string
}

export interface Findings {
  readonly origin: Origin
  readonly inputs: number
  readonly providers: number
  readonly provisions: number
  readonly edges: number
  readonly tally: Readonly<Record<string, number>>
  readonly findings: readonly Finding[]
}

export interface DisruptionNotice {
  readonly reference: string
  readonly title: string
  readonly language: string
  readonly summary: string
  readonly cause: string
  readonly begins_at: string
  readonly duration: { least_days: number | null; most_days: number | null }
  readonly sectors: readonly string[]
  readonly inputs: readonly string[]
  readonly measures: string
  readonly help_wanted: string
  readonly office: string
}

export interface FirmNamed {
  readonly name: string
  readonly country: string
  readonly text: string
}

export interface MeetingRow {
  readonly record: string
  readonly member: string
  readonly met_at: string
  readonly language: string
  readonly text: string
}

export interface NoticeRow {
  readonly id: string
  readonly member: string
  readonly at: string
  readonly banner: string
  readonly notice: DisruptionNotice
  readonly state: string
  readonly meeting: string
  readonly meet_by: string | null
  readonly meetings: readonly MeetingRow[]
  readonly closed_at: string | null
  readonly closing_language: string | null
  readonly closing_text: string | null
  readonly replaced_by: string | null
  readonly firms: readonly FirmNamed[]
}

export interface Notices {
  readonly notices: readonly NoticeRow[]
}

export interface HelpRequested {
  readonly title: string
  readonly language: string
  readonly text: string
  readonly input: string
  readonly quantity: number | null
  readonly unit: string
  readonly needed_by: string
  readonly office: string
  readonly notice: string | null
}

export interface HelpOffered {
  readonly title: string
  readonly language: string
  readonly text: string
  readonly input: string
  readonly quantity: number | null
  readonly unit: string
  readonly available_from: string
  readonly office: string
  readonly request: string | null
}

export interface RequestRow {
  readonly id: string
  readonly member: string
  readonly at: string
  readonly banner: string
  readonly request: HelpRequested
  readonly state: string
  readonly offers: readonly string[]
  readonly fits: readonly string[]
  readonly accepted: readonly string[]
  readonly agreed: number | null
}

export interface OfferRow {
  readonly id: string
  readonly member: string
  readonly at: string
  readonly banner: string
  readonly offer: HelpOffered
  readonly accepted: string | null
}

export interface Help {
  readonly requests: readonly RequestRow[]
  readonly offers: readonly OfferRow[]
}

export interface Measure {
  readonly sort: string
  readonly title: string
  readonly language: string
  readonly text: string
  readonly legal_basis: string
  readonly concerns: readonly string[]
  readonly inputs: readonly string[]
  readonly in_force_from: string
  readonly in_force_until: string | null
  readonly office: string
}

export interface MeasureRow {
  readonly id: string
  readonly member: string
  readonly at: string
  readonly banner: string
  readonly measure: Measure
  readonly state: string
  readonly replaced_by: string | null
}

export interface Measures {
  readonly measures: readonly MeasureRow[]
}

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
