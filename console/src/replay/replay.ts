/** What a replay tells of itself, and what can be replayed. Field names and meanings: node/replay/. */
import type { Moment, Replay } from '../api.ts'
import { send } from '../ask.ts'
import type { Key } from '../strings.ts'
import type { Level } from '../urgency.ts'

export type { Replay } from '../api.ts'

export type MarkKind = 'launch' | 'alert' | 'impact' | 'public-alert' | 'public-cancel' | 'message' | 'acknowledged' | 'consultation' | 'responded' | 'option' | 'stance' | 'text' | 'objected' | 'closed' | 'proposed' | 'approved' | 'watch' | 'line-cut' | 'line-back' | 'retracted' | 'clock' | 'halted'

/** One of the moments that one looks for. A replay alone tells them, so no world's description has them. */
export interface Mark {
  readonly position: number
  readonly at: Moment
  readonly kind: MarkKind
  readonly origin: string
  readonly author: string
  readonly precedence: number
  readonly words: string
}

/** The speeds that are offered: seconds of the log in one real second. */
export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]

/** The offered speed beside this one. */
export function speedBeside(speed: number, by: 1 | -1): number {
  const next = by > 0 ? SPEEDS.find((one) => one > speed) : SPEEDS.findLast((one) => one < speed)
  return next ?? speed
}

/** What matters most of what a mark may be has a shape of its own, as everywhere. Nothing of the past is critical now. */
const LEVELS: Readonly<Partial<Record<MarkKind, Level>>> = {
  'launch': 'serious',
  'impact': 'serious',
  'public-alert': 'serious',
  'alert': 'caution',
  'line-cut': 'caution',
  'objected': 'caution',
  'halted': 'caution',
  'consultation': 'standby',
  'message': 'standby',
}

export const levelOf = ({ kind }: Mark): Level => LEVELS[kind] ?? 'off'

export const markWords = ({ kind }: Mark): Key => `mark.${kind}`

/** Where in the log a moment stands, from 0 to 1. */
export function placeOf(at: Moment, { from_at, to_at }: Replay): number {
  if (from_at === null || to_at === null) return 0
  const [from_ms, to_ms] = [Date.parse(from_at), Date.parse(to_at)]
  return to_ms > from_ms ? Math.min(1, Math.max(0, (Date.parse(at) - from_ms) / (to_ms - from_ms))) : 0
}

/** The address of a moment: a colleague who is given it sees the same. */
export function inHash(hash: string, at: Moment, speed: number): string {
  const parts = new URLSearchParams(hash.replace(/^#/, ''))
  parts.set('at', at)
  parts.set('speed', String(speed))
  return `#${parts.toString()}`
}

export function fromHash(hash: string): { readonly at: Moment | null; readonly speed: number | null } {
  const parts = new URLSearchParams(hash.replace(/^#/, ''))
  const at = parts.get('at')
  const speed = Number(parts.get('speed'))
  return {
    at: at !== null && !Number.isNaN(Date.parse(at)) ? new Date(at).toISOString() : null,
    speed: SPEEDS.includes(speed) ? speed : null,
  }
}

export const go = (to: { readonly at: Moment } | { readonly position: number }) => send<Replay>('replay/go', to)
export const step = (by: number, marked = false) => send<Replay>('replay/step', { by, marked })
export const play = (playing: boolean, speed: number) => send<Replay>('replay/play', { playing, speed })
