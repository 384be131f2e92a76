/** What consultations tell the console. Field names and meanings: instruments/consult/course_types.py and records.py. */
import type { Moment } from '../picture.ts'

/** Who is to talk. */
export type TalkLevel = 'working' | 'adviser' | 'minister' | 'leader'

/** What the commitment of 18 August 2023 names. */
export type Ground = 'challenge' | 'provocation' | 'threat'

/** How members meet. */
export type Means = 'hotline' | 'voice' | 'video' | 'in-person'

/** In which field a response acts. */
export type OptionField = 'diplomatic' | 'economic' | 'informational' | 'defensive' | 'humanitarian' | 'cyber'

/** What a member would do in an option: what caveats speak of. */
export type Activity = 'statement' | 'sanctions' | 'export-measures' | 'information-sharing' | 'surveillance' | 'cyber-defence' | 'evacuation' | 'humanitarian-relief' | 'logistical-support' | 'missile-defence' | 'exercise' | 'deployment' | 'use-of-force'

/** What a member thinks of an option or a text, before any procedure. */
export type Position = 'supports' | 'accepts' | 'abstains' | 'opposes'

/** Whose part a caveat speaks of: its own member's, or that of the others. */
export type Binds = 'own' | 'others'

/** What a joint text is. */
export type Purpose = 'assessment' | 'response'

/** What a member says beside an assent. */
export type RemarkKind = 'reservation' | 'interpretation'

/** A record that a consultation rests on, as its reader will find it: kind, origin, when, and its own words. */
export interface Source {
  readonly record: string
  readonly kind: string
  readonly origin: string
  readonly at: Moment
  readonly words: string
}

/** A way and a time to meet. */
export interface Convening {
  readonly means: Means
  readonly at: Moment
  readonly place: string
}

/** What one member would do in an option, and where (member codes, or `high-seas`). Nothing: it takes no part. */
export interface Part {
  readonly member: string
  readonly activities: readonly Activity[]
  readonly where: readonly string[]
  readonly office: string
}

/** In that version, these words (once in it) become others. */
export interface Edit {
  readonly language: string
  readonly old: string
  readonly new: string
}

/** A joint text in one language. */
export interface Version {
  readonly language: string
  readonly text: string
}

/** What a member's law or policy does not let it do, or lets others do only with its consent.

    It speaks of a part that has one of `activities` and acts in one of `where` (anywhere when empty), on a day from
    `valid_from` until before `valid_until`. `allows` are activities that stay open to the member all the same: what a
    partial role is made of. `illustration`: an example, not legal advice. */
export interface Caveat {
  readonly name: string
  readonly title: string
  readonly source: string
  readonly binds: Binds
  readonly activities: readonly Activity[]
  readonly where: readonly string[]
  readonly allows: readonly Activity[]
  readonly consent_lifts: boolean
  readonly valid_from: Moment | null
  readonly valid_until: Moment | null
  readonly illustration: boolean
}

/** How far a consultation has come. It never goes back. */
export type Stage = 'requested' | 'convened' | 'assessed' | 'options' | 'text' | 'adopted' | 'not-adopted' | 'closed' | 'followed-up'

/** Where a text stands. Adopted, broken and overtaken are final. */
export type TextState = 'open' | 'provisional' | 'adopted' | 'broken' | 'overtaken'

/** What a member answered to the request, and how long it took by the requester's clock. None while it has not. */
export interface ResponseRow {
  readonly member: string
  readonly office: string | null
  readonly language: string | null
  readonly text: string | null
  readonly convening: number | null
  readonly at: Moment | null
  readonly seconds: number | null
  readonly overdue: boolean
}

/** A member's own assessment. */
export interface AssessmentRow {
  readonly member: string
  readonly language: string
  readonly text: string
  readonly at: Moment
}

/** A member's position on an option or a text. */
export interface StanceRow {
  readonly member: string
  readonly position: Position
  readonly language: string
  readonly reason: string
  readonly at: Moment
}

/** Why a member cannot take part in an option as it stands: the caveat, by name, title and legal source. */
export interface ForbiddenRow {
  readonly member: string
  readonly of_member: string
  readonly caveat: string
  readonly title: string
  readonly source: string
  readonly activities: readonly Activity[]
  readonly consent_lifts: boolean
  readonly open_activities: readonly Activity[]
}

/** An option as it stands. It is `available` to those members alone for whom no caveat forbids their part. */
export interface OptionRow {
  readonly id: string
  readonly member: string
  readonly title: string
  readonly field: OptionField
  readonly language: string
  readonly text: string
  readonly parts: readonly Part[]
  readonly begins_at: Moment
  readonly at: Moment
  readonly available_to: readonly string[]
  readonly forbidden: readonly ForbiddenRow[]
  readonly stances: readonly StanceRow[]
  readonly instead: string | null
  readonly replaced_by: string | null
}

/** What a member did with a text. */
export type VoteKind = 'proposed' | 'silent' | 'agreed' | 'objected' | 'amended' | 'elsewhere' | 'left'

/** Where one of those asked stands towards a text: its vote, or how far the text came to it. */
export interface VoteRow {
  readonly member: string
  readonly vote: VoteKind | null
  readonly at: Moment | null
  readonly record: string | null
  readonly held_at: Moment | null
  readonly shown_to: readonly string[]
  readonly reason: string
  readonly language: string | null
  readonly edits: readonly Edit[]
}

/** A reservation or an interpretative statement. */
export interface RemarkRow {
  readonly member: string
  readonly what: RemarkKind
  readonly language: string
  readonly words: string
  readonly at: Moment
}

/** A joint text: its versions, its state, whom it waits for and what each has done with it. */
export interface TextRow {
  readonly id: string
  readonly member: string
  readonly purpose: Purpose
  readonly round: number
  readonly versions: readonly Version[]
  readonly clauses: readonly Version[]
  readonly options: readonly string[]
  readonly text_hash: string
  readonly deadline: Moment
  readonly at: Moment
  readonly amends: string | null
  readonly reason: string
  readonly state: TextState
  readonly waits_for: readonly string[]
  readonly votes: readonly VoteRow[]
  readonly remarks: readonly RemarkRow[]
  readonly stances: readonly StanceRow[]
}

/** What follows from an adopted text. */
export interface ActionRow {
  readonly id: string
  readonly member: string
  readonly office: string
  readonly words: string
  readonly due_at: Moment
  readonly option: string | null
}

/** Which members have issued the joint statement, and since when. */
export interface StatementRow {
  readonly text: string
  readonly text_hash: string
  readonly issued_by: readonly string[]
  readonly missing: readonly string[]
}

/** One consultation in the list. `waits_for_us` says in words what our own officers should do, if anything. */
export interface ConsultationRow {
  readonly id: string
  readonly subject: string
  readonly member: string
  readonly members: readonly string[]
  readonly ground: Ground
  readonly level: TalkLevel
  readonly banner: string
  readonly at: Moment
  readonly stage: Stage
  readonly state: string
  readonly waits_for: readonly string[]
  readonly waits_for_us: string | null
  readonly due: Moment | null
}

/** All that is open, and what was lately, newest first. */
export interface Consultations {
  readonly at: Moment
  readonly consultations: readonly ConsultationRow[]
}

/** One consultation whole. */
export interface Consultation {
  readonly row: ConsultationRow
  readonly language: string
  readonly opinion: string
  readonly sources: readonly Source[]
  readonly convening: readonly Convening[]
  readonly convened: Convening | null
  readonly responses: readonly ResponseRow[]
  readonly assessments: readonly AssessmentRow[]
  readonly options: readonly OptionRow[]
  readonly texts: readonly TextRow[]
  readonly actions: readonly ActionRow[]
  readonly statement: StatementRow | null
  readonly departed: readonly string[]
  readonly closed_by: readonly string[]
}

/** A caveat that stands, and the record that says so. */
export interface CaveatRow {
  readonly member: string
  readonly record: string
  readonly caveat: Caveat
  readonly at: Moment
}

/** All caveats that stand, by member and name. */
export interface Caveats {
  readonly caveats: readonly CaveatRow[]
}

/** A request for information, what was answered, and who has not. */
export interface RequestedInformation {
  readonly id: string
  readonly member: string
  readonly subject: string
  readonly language: string
  readonly question: string
  readonly at: Moment
  readonly due: Moment
  readonly sources: readonly Source[]
  readonly answers: readonly InformationRow[]
  readonly waits_for: readonly string[]
}

/** One member's graded answer. */
export interface InformationRow {
  readonly member: string
  readonly language: string
  readonly text: string
  readonly grade: string | null
  readonly at: Moment
}

export const NO_CONSULTATIONS: Consultations = { at: '1970-01-01T00:00:00Z', consultations: [] }
export const LEVELS: readonly TalkLevel[] = ['working', 'adviser', 'minister', 'leader']
export const GROUNDS: readonly Ground[] = ['challenge', 'provocation', 'threat']
export const POSITIONS: readonly Position[] = ['supports', 'accepts', 'abstains', 'opposes']
export const REMARKS: readonly RemarkKind[] = ['reservation', 'interpretation']

const OVER: ReadonlySet<Stage> = new Set(['adopted', 'not-adopted', 'closed', 'followed-up'])

/** Whether it still waits for anybody. */
export function isOpen({ stage }: ConsultationRow): boolean {
  return !OVER.has(stage)
}

/** Those that wait: for us first, then the soonest due. */
export function waitingOnes(rows: readonly ConsultationRow[]): readonly ConsultationRow[] {
  const due = (row: ConsultationRow) => (row.due === null ? Infinity : Date.parse(row.due))
  return rows
    .filter((row) => isOpen(row) || row.waits_for_us !== null)
    .sort((a, b) => Number(a.waits_for_us === null) - Number(b.waits_for_us === null) || soonest(due(a), due(b)))
}

function soonest(first: number, second: number): number {
  return first === second ? 0 : first - second
}

export interface Piece {
  readonly is: 'same' | 'old' | 'new'
  readonly text: string
}

/** A version as an amendment would leave it: what stays, what goes and what comes. Each `old` stands once in it. */
export function edited(version: Version, edits: readonly Edit[]): readonly Piece[] {
  const own = edits
    .filter(({ language, old }) => language === version.language && version.text.includes(old))
    .map((edit) => ({ ...edit, from: version.text.indexOf(edit.old) }))
    .sort((a, b) => a.from - b.from)
  const pieces: Piece[] = []
  let at = 0
  for (const { from, old, new: next } of own) {
    if (from < at) continue
    pieces.push({ is: 'same', text: version.text.slice(at, from) }, { is: 'old', text: old }, { is: 'new', text: next })
    at = from + old.length
  }
  pieces.push({ is: 'same', text: version.text.slice(at) })
  return pieces.filter(({ text }) => text.length > 0)
}

/** Where two texts differ: `before` from `from` until `to` became `next`. Words of letters are not cut. */
function difference(before: string, after: string): { from: number; to: number; next: string } {
  let from = 0
  while (from < Math.min(before.length, after.length) && before[from] === after[from]) from++
  let end = 0
  while (end < Math.min(before.length, after.length) - from && before.at(-1 - end) === after.at(-1 - end)) end++
  const inWord = (text: string, at: number) => LETTER.test(text[at - 1] ?? '') && LETTER.test(text[at] ?? '')
  while (inWord(before, from) || inWord(after, from)) from--
  while (inWord(before, before.length - end) || inWord(after, after.length - end)) end--
  return { from, to: before.length - end, next: after.slice(from, after.length - end) }
}

const LETTER = /[\p{Script=Latin}\p{Script=Hangul}\p{N}\p{Surrogate}]/u

/** A version with what became of it since the round before. */
export function changes(before: Version, after: Version): readonly Piece[] {
  const { from, to, next } = difference(before.text, after.text)
  const pieces: readonly Piece[] = [
    { is: 'same', text: before.text.slice(0, from) },
    { is: 'old', text: before.text.slice(from, to) },
    { is: 'new', text: next },
    { is: 'same', text: before.text.slice(to) },
  ]
  return pieces.filter(({ text }) => text.length > 0)
}

/** The edit that makes one text another; null when they are equal. Its `old` is not empty and stands once in `before`. */
export function editOf(language: string, before: string, after: string): Edit | null {
  if (before === after) return null
  let { from, to } = difference(before, after)
  const left = before.length - to
  while (to === from || before.split(before.slice(from, to)).length > 2) {
    if (from === 0 && to === before.length) break
    from = Math.max(0, from - 1)
    to = Math.min(before.length, to + 1)
    while (from > 0 && LETTER.test(before[from - 1] ?? '') && LETTER.test(before[from] ?? '')) from--
    while (to < before.length && LETTER.test(before[to - 1] ?? '') && LETTER.test(before[to] ?? '')) to++
  }
  const grown = left - (before.length - to)
  return { language, old: before.slice(from, to), new: after.slice(from, after.length - left + grown) }
}

/** The text that matters: the one in force of the latest round, of the response before the assessment. */
export function foremostText(texts: readonly TextRow[]): TextRow | null {
  const standing = texts.filter(({ state }) => state !== 'overtaken')
  const rank = ({ purpose, round }: TextRow) => (purpose === 'response' ? 10_000 : 0) + round
  return [...standing].sort((a, b) => rank(b) - rank(a))[0] ?? texts.at(-1) ?? null
}

/** Whether our own member was asked by this text and has done nothing with it. */
export function maySettle(text: TextRow, own: string): boolean {
  return (
    (text.state === 'open' || text.state === 'provisional') &&
    text.votes.some(({ member, vote }) => member === own && vote === null)
  )
}
