/** The MSEL as control reads it: what each inject waits for, what became of it, and what a jump of the clock would do. */
import type { ExpectedRow, InjectRow, Label, Msel } from '../api.ts'
import type { Member } from '../picture.ts'
import { age, memberName, took, utc } from '../say.ts'
import { t } from '../strings.ts'
import type { Level } from '../urgency.ts'

export type State = 'waits' | 'by-hand' | 'due' | 'now' | 'called' | 'gone' | 'skipped' | 'refused'

const DAY_S = 86_400

export function stateOf(row: InjectRow, now_s: number): State {
  if (row.outcome !== null) return row.outcome === 'done' ? 'gone' : row.outcome
  if (row.called) return 'called'
  if (row.goes_s === null) return row.by_hand ? 'by-hand' : 'waits'
  return row.goes_s > now_s ? 'due' : 'now'
}

export const LEVELS: Readonly<Record<State, Level>> = {
  waits: 'off',
  'by-hand': 'off',
  due: 'standby',
  now: 'caution',
  called: 'caution',
  gone: 'normal',
  skipped: 'off',
  refused: 'serious',
}

export const VERDICTS: Readonly<Record<ExpectedRow['verdict'], Level>> = {
  done: 'normal',
  late: 'caution',
  missed: 'serious',
  awaited: 'standby',
  'not asked': 'off',
}

/** Whether anything can still become of it. */
export const isOpen = (row: InjectRow): boolean => row.outcome === null

export const isAwaited = ({ verdict }: ExpectedRow): boolean => verdict === 'awaited' || verdict === 'not asked'

/** The state in words; of one that is due, in how long. */
export function stateWords(row: InjectRow, now_s: number): string {
  const state = stateOf(row, now_s)
  return state === 'due' ? t('msel.state.due', { age: age((row.goes_s ?? now_s) - now_s) }) : t(`msel.state.${state}`)
}

/** How long an answer took, or how long is left, against the time it has. */
export function tookWords({ took_s, within_s }: ExpectedRow): string {
  return took_s === null ? t('msel.within', { within: took(within_s) }) : t('msel.took', { took: took(took_s), within: took(within_s) })
}

/** A second of play as the exercise's own time; with its day where play lasts longer than one. */
export function timeOf(second: number, { starts_at, lasts_s }: Pick<Msel, 'starts_at' | 'lasts_s'>): string {
  const at_ms = Date.parse(starts_at) + second * 1000
  return lasts_s > DAY_S ? `${new Date(at_ms).toISOString().slice(5, 10)} ${utc(at_ms)}` : utc(at_ms)
}

/** When it went, or will go; empty while nobody knows. */
export function whenWords(row: InjectRow, msel: Msel): string {
  const second = row.at_s ?? row.goes_s
  return second === null ? '' : timeOf(second, msel)
}

/** All that an inject has waited for or waits for, in words, each with whether it has come. */
export function waitsFor(row: InjectRow, msel: Msel, members: readonly Member[]): { readonly words: string; readonly come: boolean | null }[] {
  const after = row.after.map((id) => {
    const one = msel.injects.find((other) => other.id === id)
    return { words: t('msel.after', { inject: one?.title ?? id }), come: one ? !isOpen(one) : null }
  })
  if (row.when === null) return after
  const { kind, by, times } = row.when
  const member = by === null ? t('msel.anybody') : memberName(by, members)
  // Of the condition alone nothing is told: once a time is known it was met.
  const come = row.goes_s !== null || row.outcome !== null ? true : null
  return [...after, { words: t(times > 1 ? 'msel.when.times' : 'msel.when', { kind, member, n: times }), come }]
}

export interface Wanted {
  /** Null for all members. */
  readonly member: string | null
  readonly open: boolean
}

export interface Row {
  readonly inject: InjectRow
  readonly expected: readonly ExpectedRow[]
}

/** Injects in the order in which they go: by time, then those of which nobody knows when. */
export function rowsOf(msel: Msel, { member, open }: Wanted): Row[] {
  const second = ({ at_s, goes_s }: InjectRow) => at_s ?? goes_s ?? Infinity
  return msel.injects
    .map((inject) => ({ inject, expected: msel.expected.filter((one) => one.inject === inject.id) }))
    .filter(({ inject, expected }) => member === null || inject.member === member || expected.some((one) => one.member === member))
    .filter(({ inject, expected }) => !open || isOpen(inject) || expected.some(({ verdict }) => verdict === 'awaited'))
    .sort((a, b) => (second(a.inject) === second(b.inject) ? 0 : second(a.inject) - second(b.inject)))
}

/** What a jump of the clock to that second passes over: injects that all go at once, and answers whose time is up. */
export function passedOver(msel: Msel, to_s: number): { readonly injects: readonly InjectRow[]; readonly expected: readonly ExpectedRow[] } {
  const gone = new Map(msel.injects.map(({ id, at_s, outcome }) => [id, outcome === 'done' ? at_s : null]))
  return {
    injects: msel.injects.filter((one) => isOpen(one) && !one.called && one.goes_s !== null && one.goes_s > msel.now_s && one.goes_s <= to_s),
    expected: msel.expected.filter((one) => one.verdict === 'awaited' && (gone.get(one.inject) ?? 0) + one.within_s < to_s),
  }
}

/** What is said of play goes to everybody. */
export const everyone = (members: readonly Member[]): Label => ({
  classification: 'UNCLASSIFIED',
  rel_to: members.filter(({ standing }) => standing === 'member').map(({ code }) => code).sort(),
  caveats: [],
})

/** Members hear of a setting before it counts, and so keep time together. */
const AHEAD_MS = 500

export interface Setting {
  readonly real_at: string
  readonly exercise_at: string
  readonly rate: number
}

/** The clock at another rate, or at another time, from a moment that is just ahead. */
export function settingOf(
  about: { readonly now: string; readonly real: string; readonly rate: number },
  change: { readonly rate?: number; readonly to_ms?: number },
): Setting {
  const then_ms = Date.parse(about.now) + about.rate * AHEAD_MS
  return {
    real_at: new Date(Date.parse(about.real) + AHEAD_MS).toISOString(),
    exercise_at: new Date(change.to_ms ?? then_ms).toISOString(),
    rate: change.rate ?? about.rate,
  }
}
