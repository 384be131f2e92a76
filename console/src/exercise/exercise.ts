/** How play stands in an exercise. */
import type { Clock } from '../api.ts'

export type Play = 'unset' | 'running' | 'paused' | 'halted'

export function playState(clock: Clock | null): Play {
  if (clock?.halted) return 'halted'
  if (!clock?.set) return 'unset'
  return clock.set.rate > 0 ? 'running' : 'paused'
}
