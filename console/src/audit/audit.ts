/** The audit, by the node's own names. */
import type { HourTally } from '../api.ts'
import type { Level } from '../urgency.ts'

export type { AuditPage, AuditStand, ChainChecked, Line } from '../api.ts'

/** What may have been decided, by what it is about. */
export const DECISIONS: Readonly<Record<'border' | 'came' | 'refused' | 'looked' | 'door', readonly string[]>> = {
  border: ['release', 'withheld', 'derived', 'to-derive', 'not-derived', 'returned', 'relayed', 'detour-begins', 'detour-ends'],
  came: ['admitted', 'held', 'duplicate', 'recovered', 'dropped', 'fork'],
  refused: ['refused', 'asked-refused', 'refused-while-locked', 'sign-in-refused', 'cross-site', 'too-many'],
  looked: ['saw', 'stream-opened', 'stream-closed', 'exported'],
  door: ['signed-in', 'locked', 'signed-out'],
}

/** How a decision stands, for its shape. */
export function levelOf(decision: string): Level {
  if (decision === 'fork') return 'serious'
  if (DECISIONS.refused.includes(decision) || decision === 'dropped') return 'caution'
  if (decision === 'withheld' || decision === 'not-derived') return 'standby'
  return DECISIONS.border.includes(decision) || DECISIONS.came.includes(decision) ? 'normal' : 'off'
}

export const FIELDS = ['author', 'member', 'decision', 'kind', 'since', 'until'] as const
export type Field = (typeof FIELDS)[number]
/** What is looked for, and the record whose story lies open. It stands in the address as it is. */
export type Wanted = Readonly<Record<Field | 'record', string>>

export function wantedOf(id: string | null): Wanted {
  const given = new URLSearchParams(id ?? '')
  const pairs = [...FIELDS, 'record' as const].map((name) => [name, given.get(name) ?? ''])
  return Object.fromEntries(pairs) as Wanted
}

/** How it stands in the address; null when nothing is wanted. */
export function addressOf(wanted: Wanted): string | null {
  const given = Object.entries(wanted).filter(([, value]) => value.trim() !== '')
  return given.length > 0 ? new URLSearchParams(given).toString() : null
}

/** What the node is asked. The fields of time hold minutes of UTC. */
export function queryOf(wanted: Wanted): string {
  const asked = FIELDS.filter((name) => wanted[name].trim() !== '').map((name) => {
    const value = wanted[name].trim()
    return [name, name === 'since' || name === 'until' ? `${value}Z` : value]
  })
  return new URLSearchParams(asked).toString()
}

export interface HourBar {
  readonly hour: string
  readonly released: number
  readonly withheld: number
  readonly refused: number
}

export interface MemberHours {
  readonly member: string
  readonly released: number
  readonly withheld: number
  readonly refused: number
  readonly bars: readonly HourBar[]
}

const HOURS_SHOWN = 24

/** For each member its last 24 hours up to `now_ms`, the oldest first. */
export function hoursOf(tallies: readonly HourTally[], now_ms: number): readonly MemberHours[] {
  const last = Math.floor(now_ms / 3_600_000)
  const hours = Array.from({ length: HOURS_SHOWN }, (_, n) =>
    new Date((last - HOURS_SHOWN + 1 + n) * 3_600_000).toISOString().slice(0, 13),
  )
  const members = [...new Set(tallies.map(({ member }) => member))].sort()
  return members.map((member) => {
    const own = tallies.filter((one) => one.member === member)
    const count = (decision: string, hour?: string) =>
      own
        .filter((one) => one.decision === decision && (hour === undefined || one.hour === hour))
        .reduce((sum, one) => sum + one.count, 0)
    const bars = hours.map((hour) => ({
      hour,
      released: count('release', hour),
      withheld: count('withheld', hour),
      refused: count('refused', hour),
    }))
    return { member, released: count('release'), withheld: count('withheld'), refused: count('refused'), bars }
  })
}
