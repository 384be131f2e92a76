/** The docket and search, by the node's own names. */

import type { Item, Label } from '../api.ts'

export type { Found, Item, Label } from '../api.ts'

const DAY_MS = 86_400_000

/** How much of a hurry it is: what is late, what is due within a day, and the rest. */
export function hurry(item: Item, now_ms: number): 'caution' | 'standby' | 'off' {
  if (item.due === null) return 'off'
  const left_ms = Date.parse(item.due) - now_ms
  return left_ms < 0 ? 'caution' : left_ms < DAY_MS ? 'standby' : 'off'
}

/** `SECRET//REL TO USA, JPN, KOR`: USA first, as the node writes it. */
export function bannerOf({ classification, rel_to, caveats }: Label): string {
  const members = [...rel_to].sort((a, b) => Number(b === 'USA') - Number(a === 'USA') || a.localeCompare(b))
  return [classification, `REL TO ${members.join(', ')}`, ...caveats].join('//')
}

/** Each office that something waits for, and how much, the busiest first. */
export function officesOf(items: readonly Item[]): readonly (readonly [office: string, count: number])[] {
  const counts = new Map<string, number>()
  for (const office of items.flatMap(({ offices }) => offices)) counts.set(office, (counts.get(office) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
}

/** The room in which an instrument is met. */
const MET_IN: Readonly<Record<string, string>> = { warning: 'watch' }

export function roomOf(instrument: string, rooms: readonly string[]): string | null {
  const room = MET_IN[instrument] ?? instrument
  return rooms.includes(room) ? room : null
}

/** So many are asked for. */
export const MOST_FOUND = 50

/** An excerpt in pieces, those marked in which one of the words stands. */
export function pieces(excerpt: string, words: string): readonly { readonly text: string; readonly hit: boolean }[] {
  const wanted = words.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  if (wanted.length === 0) return [{ text: excerpt, hit: false }]
  // Of what is split at a group, every second piece is the group's.
  const split = excerpt.split(new RegExp(`(${wanted.join('|')})`, 'iu'))
  return split.map((text, n) => ({ text, hit: n % 2 === 1 })).filter(({ text }) => text !== '')
}
