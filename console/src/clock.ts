/** The node's clock, carried on between its messages. This computer's own clock may be wrong. */

/** What the node's clock showed, and this page's stopwatch (ms) at that moment. */
export interface Reading {
  readonly now_ms: number
  readonly real_ms: number
  readonly rate: number
  readonly stopwatch_ms: number
}

/** The world's time (ms since 1970): runs at the world's rate; stands still at rate 0. */
export function worldTime(reading: Reading, stopwatch_ms: number): number {
  return reading.now_ms + (stopwatch_ms - reading.stopwatch_ms) * reading.rate
}

/** The real time (ms since 1970), by the node. */
export function realTime(reading: Reading, stopwatch_ms: number): number {
  return reading.real_ms + (stopwatch_ms - reading.stopwatch_ms)
}

const MOST_KEPT = 8_192
const kept = new Map<string, number>()

/** A moment in ms since 1970. Many are asked for many times, and reading one anew takes long. */
export function momentOf(moment: string): number {
  let ms = kept.get(moment)
  if (ms === undefined) {
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(moment, (ms = Date.parse(moment)))
  }
  return ms
}

/** Seconds from `then` to `now_ms`; negative while `then` is still to come. */
export function secondsSince(then: string, now_ms: number): number {
  return (now_ms - momentOf(then)) / 1000
}
