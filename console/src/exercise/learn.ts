/** What is common to planning, hot-wash and end. */
import type { Exercise, ExerciseLearntWord as Word, Rating } from '../api.ts'
import type { About } from '../picture.ts'
import type { Level } from '../urgency.ts'

export const RATINGS: readonly Rating[] = ['P', 'S', 'M', 'U']
export const RATED_AS: Readonly<Record<Rating, Level>> = { P: 'normal', S: 'caution', M: 'serious', U: 'standby' }

/** One who is not told of an exercise may take it for real: everybody is. */
export const toAll = ({ members }: About) => ({
  classification: 'UNCLASSIFIED',
  rel_to: members.filter(({ admitted }) => admitted).map(({ code }) => code).sort(),
  caveats: [],
})

/** `0:01:00` of play. */
export function playSecond(value_s: number): string {
  const whole = Math.round(value_s)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${Math.floor(whole / 3_600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
}

export type Standing = 'absent' | 'joined' | 'halted' | 'ended'

/** How an exercise stands at a member, as far as the live world hears: who is cut off may not have heard of a halt yet. */
export function standingOf(one: Exercise, member: string): Standing {
  const row = one.members.find((each) => each.member === member)
  if (!row) return 'absent'
  if (row.ended) return 'ended'
  return one.halted ? 'halted' : 'joined'
}

export const STANDS: Readonly<Record<Standing, Level>> = { absent: 'off', joined: 'normal', halted: 'caution', ended: 'standby' }

/** How far the members' ratings of an objective are apart: U is three steps from P. Who has not rated is left out. */
export interface Agreement {
  readonly is: 'unrated' | 'alone' | 'agree' | 'differ'
  readonly rated: number
  readonly best: Rating | null
  readonly worst: Rating | null
}

export function agreementOn(objective: string, ratings: readonly Pick<Word, 'objective' | 'rating'>[]): Agreement {
  const steps = ratings.filter((one) => one.objective === objective).map(({ rating }) => RATINGS.indexOf(rating))
  const best = RATINGS[Math.min(...steps)] ?? null
  const worst = RATINGS[Math.max(...steps)] ?? null
  const is = steps.length === 0 ? 'unrated' : steps.length === 1 ? 'alone' : best === worst ? 'agree' : 'differ'
  return { is, rated: steps.length, best, worst }
}

export const AGREED: Readonly<Record<Agreement['is'], Level>> = { unrated: 'off', alone: 'off', agree: 'normal', differ: 'caution' }
