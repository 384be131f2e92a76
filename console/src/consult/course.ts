/** What consultations tell the console. Field names and meanings: instruments/consult/course_types.py and records.py. */
import type {
  ConsultRecordsVersion as Version,
  ConsultWordsLevel as TalkLevel,
  ConsultWordsPosition as Position,
  ConsultationRow,
  Consultations,
  Edit,
  Ground,
  RemarkKind,
  Stage,
  TextRow,
} from '../api.ts'

export type {
  ActionRow,
  Activity,
  Binds,
  Caveat,
  CaveatRow,
  Caveats,
  ConsultCourseTypesAssessmentRow as AssessmentRow,
  ConsultRecordsPart as Part,
  ConsultRecordsSource as Source,
  ConsultRecordsVersion as Version,
  ConsultWordsLevel as TalkLevel,
  ConsultWordsPosition as Position,
  Consultation,
  ConsultationRow,
  Consultations,
  Convening,
  Edit,
  Field as OptionField,
  ForbiddenRow,
  Ground,
  Means,
  OptionRow,
  Purpose,
  RemarkKind,
  RemarkRow,
  ResponseRow,
  Stage,
  StanceRow,
  StatementRow,
  TextRow,
  TextState,
  VoteKind,
  VoteRow,
} from '../api.ts'

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
