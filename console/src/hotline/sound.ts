/** What rings, how it sounds, and when it sounds again. */
import { type Picture } from '../picture.ts'
import { alertLevel, trackOf } from '../urgency.ts'
import { type Board, FLASH, ringing } from './board.ts'

/** What rings, the most urgent last. */
export type Tune = 'immediate' | 'flash' | 'launch' | 'critical'

export interface Ring {
  readonly id: string
  readonly tune: Tune
}

export interface Note {
  readonly hz: number
  readonly from_s: number
  readonly for_s: number
  readonly voice: OscillatorType
}

const RANK: Readonly<Record<Tune, number>> = { immediate: 0, flash: 1, launch: 2, critical: 3 }

/** A launch sounds once; what is meant for our own country, and a call, until an officer acknowledges it. */
export const EVERY_S: Readonly<Record<Tune, number>> = { immediate: 10, flash: 4, launch: Infinity, critical: 6 }

function notes(voice: OscillatorType, step_s: number, for_s: number, tones_hz: readonly number[]): readonly Note[] {
  return tones_hz.map((hz, n) => ({ hz, from_s: n * step_s, for_s, voice }))
}

/** A call rises softly; a warning falls, hard, and falls longer where our own country is meant. */
const LIVE: Readonly<Record<Tune, readonly Note[]>> = {
  immediate: notes('sine', 0.28, 0.45, [523.25, 659.25]),
  flash: notes('sine', 0.2, 0.3, [523.25, 659.25, 783.99]),
  launch: notes('sawtooth', 0.24, 0.22, [987.77, 739.99, 987.77, 739.99]),
  critical: notes('sawtooth', 0.16, 0.15, [1174.66, 880, 1174.66, 880, 1174.66, 880, 1174.66, 880]),
}

/** What every sound of an exercise begins with, and no sound of the live world has: two low knocks. */
const KNOCKS = notes('triangle', 0.15, 0.1, [146.83, 146.83])
const AFTER_KNOCKS_S = 0.42

/** In an exercise the same tune stands an octave lower, in a softer voice, after two knocks. */
export function notesOf(tune: Tune, exercise: boolean): readonly Note[] {
  if (!exercise) return LIVE[tune]
  const lower = LIVE[tune].map(
    (note): Note => ({ ...note, hz: note.hz / 2, from_s: note.from_s + AFTER_KNOCKS_S, voice: 'triangle' }),
  )
  return [...KNOCKS, ...lower]
}

/** What rings now: one ring for one event and one for one call, however many alerts and texts there are of it. */
export function ringsOf(picture: Picture | null, own: string, board: Board): readonly Ring[] {
  const events = new Map<string, Ring>()
  for (const alert of picture?.alerts ?? []) {
    if (alert.state !== 'predicted' || alert.acknowledged.some(({ member }) => member === own)) continue
    const number = picture && trackOf(alert, picture.tracks)?.number
    const tune = alertLevel(alert, own) === 'critical' ? 'critical' : 'launch'
    const id = `${tune}:${number ?? alert.id}`
    events.set(id, { id, tune })
  }
  const calls = ringing(board).map(
    ({ message, precedence }): Ring => ({ id: message, tune: precedence >= FLASH ? 'flash' : 'immediate' }),
  )
  return [...events.values(), ...calls]
}

/** Which of them sounds at `now_s`: the most urgent that is due. `sounded_s` is when each did last. */
export function due(rings: readonly Ring[], sounded_s: ReadonlyMap<string, number>, now_s: number): Ring | null {
  return rings
    .filter(({ id, tune }) => now_s - (sounded_s.get(id) ?? -Infinity) >= EVERY_S[tune] || !sounded_s.has(id))
    .reduce<Ring | null>((worst, one) => (worst && RANK[worst.tune] >= RANK[one.tune] ? worst : one), null)
}

/** What came after the sound was muted, and must be heard all the same. */
export function overrides(rings: readonly Ring[], muted: ReadonlySet<string>): boolean {
  return rings.some(({ id, tune }) => (tune === 'flash' || tune === 'critical') && !muted.has(id))
}
