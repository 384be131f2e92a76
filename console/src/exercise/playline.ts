/** Where the marks of an exercise's timeline stand: injects of each member, and what is expected of it against what came. */
import type { ExpectedRow, InjectRow, Msel } from '../api.ts'

export interface Bar {
  readonly expected: ExpectedRow
  /** From when to when it is due, in seconds of play. */
  readonly from_s: number
  readonly to_s: number
  /** When it came. */
  readonly came_s: number | null
  /** Windows that lie over each other stand in rows of their own. */
  readonly row: number
}

export interface Lane {
  readonly member: string
  readonly marks: readonly { readonly inject: InjectRow; readonly at_s: number }[]
  readonly bars: readonly Bar[]
  readonly rows: number
}

/** More windows at once than these share the last row. */
export const MOST_ROWS = 3

export interface Seconds {
  readonly from_s: number
  readonly to_s: number
}

/** All of play; an answer may come after its end, and so may now. */
export function wholeOf(msel: Msel): Seconds {
  const ends = msel.injects.map(({ at_s, goes_s }) => at_s ?? goes_s ?? 0)
  const to_s = Math.max(msel.lasts_s, msel.now_s, ...ends)
  return { from_s: Math.min(0, msel.now_s), to_s }
}

/** A tenth of play around now, and at least ten minutes. */
export function aroundNow(msel: Msel): Seconds {
  const half_s = Math.max(300, msel.lasts_s / 20)
  return { from_s: msel.now_s - half_s, to_s: msel.now_s + half_s }
}

const within = (at_s: number, { from_s, to_s }: Seconds) => at_s >= from_s && at_s <= to_s

/** A lane for each member, with what lies in that time. `least_s` is as long as a bar is drawn at least. */
export function lanesOf(msel: Msel, time: Seconds, least_s: number): Lane[] {
  const members = [...new Set([...msel.injects, ...msel.expected].map(({ member }) => member))].sort()
  const second = new Map(msel.injects.map(({ id, at_s, goes_s }) => [id, at_s ?? goes_s]))
  return members.map((member) => {
    const marks = msel.injects
      .filter((one) => one.member === member)
      .flatMap((inject) => {
        const at_s = second.get(inject.id) ?? null
        return at_s !== null && within(at_s, time) ? [{ inject, at_s }] : []
      })
    const ends: number[] = []
    const bars = msel.expected
      .filter((one) => one.member === member)
      .flatMap((expected) => {
        const from_s = second.get(expected.inject) ?? null
        return from_s === null ? [] : [{ expected, from_s, to_s: from_s + expected.within_s, came_s: expected.took_s === null ? null : from_s + expected.took_s }]
      })
      .filter(({ from_s, to_s, came_s }) => Math.max(to_s, came_s ?? to_s) >= time.from_s && from_s <= time.to_s)
      .sort((a, b) => a.from_s - b.from_s)
      .map((bar): Bar => {
        const free = Array.from({ length: MOST_ROWS }, (_, n) => n).find((n) => (ends[n] ?? -Infinity) < bar.from_s)
        const row = free ?? MOST_ROWS - 1
        ends[row] = Math.max(ends[row] ?? -Infinity, bar.to_s, bar.came_s ?? 0, bar.from_s + least_s)
        return { ...bar, row }
      })
    return { member, marks, bars, rows: Math.max(1, ...bars.map(({ row }) => row + 1)) }
  })
}
