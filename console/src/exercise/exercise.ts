/** How play stands in an exercise, and which exercises are in play. */
import type { Clock, HaltedPlay } from '../api.ts'
import type { About } from '../picture.ts'

export type Play = 'unset' | 'running' | 'paused' | 'halted'

export function playState(clock: Clock | null): Play {
  if (clock?.halted) return 'halted'
  if (!clock?.set) return 'unset'
  return clock.set.rate > 0 ? 'running' : 'paused'
}

/** The exercises that may be halted from this page: on an exercise's own page that one, live all that are in play. */
export function inPlay({ worlds, world, exercise, compact }: About): readonly string[] {
  if (exercise !== null) return worlds.some((one) => one.world === world && one.halted) ? [] : [exercise]
  return worlds.flatMap((one) => (one.exercise !== null && !one.halted && one.world.startsWith(`${compact}.`) ? [one.exercise] : []))
}

/** The live page, with the word of who halted the exercise laid on it. */
export const liveAfter = ({ live, exercise }: HaltedPlay): string => `${live}#sheet=halted:${exercise}`
