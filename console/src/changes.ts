/** The picture, kept up by what changed in it. The form of a frame: api/changes.py. */
import type { PathPoint, Picture, SystemTrack } from './picture.ts'

/** Places in the list of tracks; null is all of them. */
type Rows = readonly number[] | null

interface Head {
  readonly number: number
  readonly rest: Partial<Omit<Picture, 'tracks'>>
  readonly tracks?: readonly string[]
  readonly words?: readonly (readonly [field: string, rows: Rows, values: readonly unknown[]])[]
  readonly numbers?: readonly (readonly [field: string, rows: Rows])[]
  readonly places?: readonly (readonly [field: string, rows: Rows])[]
  readonly paths?: readonly (readonly [field: string, cuts: readonly number[]])[]
}

/** The picture after so many frames. A track that did not change is the same object in the next. */
export interface Shown {
  readonly picture: Picture
  readonly number: number
}

const text = new TextDecoder()

/** What is shown after this frame; null when one before it was missed. */
export function shownAfter(before: Shown | null, frame: ArrayBuffer): Shown | null {
  const length = new DataView(frame).getUint32(0, true)
  const head = JSON.parse(text.decode(new Uint8Array(frame, 4, length))) as Head
  const whole = head.number === 0
  if (!whole && head.number !== (before?.number ?? -1) + 1) return null
  const tracks = tracksAfter(whole ? [] : (before?.picture.tracks ?? []), head, new Float64Array(frame, 4 + length))
  return { number: head.number, picture: { ...(whole ? null : before?.picture), ...head.rest, tracks } as Picture }
}

function tracksAfter(before: readonly SystemTrack[], head: Head, numbers: Float64Array): readonly SystemTrack[] {
  const held = head.tracks ? inOrder(before, head.tracks) : before
  const drafts = held.slice() as unknown as Record<string, unknown>[]
  /** The row as it may be written: a copy, once. */
  const row = (n: number): Record<string, unknown> => {
    const draft = drafts[n] ?? {}
    return draft === (held[n] as unknown) ? (drafts[n] = { ...draft }) : draft
  }
  let at = 0
  const next = () => numbers[at++] ?? NaN
  for (const [field, rows, values] of head.words ?? []) {
    each(rows, drafts.length, (n, nth) => (row(n)[field] = values[nth]))
  }
  for (const [field, rows] of head.numbers ?? []) each(rows, drafts.length, (n) => (row(n)[field] = next()))
  for (const [field, rows] of head.places ?? []) {
    each(rows, drafts.length, (n) => (row(n)[field] = { lat_deg: next(), lon_deg: next(), alt_m: next() }))
  }
  for (const [field, cuts] of head.paths ?? []) {
    for (let cut = 0; cut < cuts.length; cut += 4) {
      const [n = 0, front = 0, count = 0, back = 0] = [cuts[cut], cuts[cut + 1], cuts[cut + 2], cuts[cut + 3]]
      const draft = row(n)
      const old = draft[field] as readonly PathPoint[]
      const fresh: PathPoint[] = []
      for (let point = 0; point < count; point++) fresh.push([next(), next(), next(), next()])
      const path = old.slice(0, front).concat(fresh, back > 0 ? old.slice(-back) : [])
      draft[field] = path
    }
  }
  return drafts as unknown as readonly SystemTrack[]
}

function each(rows: Rows, count: number, write: (row: number, nth: number) => void) {
  if (rows) rows.forEach(write)
  else for (let n = 0; n < count; n++) write(n, n)
}

function inOrder(before: readonly SystemTrack[], numbers: readonly string[]): readonly SystemTrack[] {
  const known = new Map(before.map((track) => [track.number, track]))
  return numbers.map((number) => known.get(number) ?? { ...UNTOLD, number })
}

/** Every field is there from the start: the engine keeps objects of one shape fast. */
const UNTOLD: SystemTrack = {
  number: '',
  state: 'tracked',
  phase: 'unknown',
  first_at: '',
  at: '',
  seen_at: '',
  position: { lat_deg: 0, lon_deg: 0, alt_m: 0 },
  position_sigma_m: 0,
  speed_mps: 0,
  speed_sigma_mps: 0,
  heading_deg: 0,
  climb_mps: 0,
  members: [],
  tracks: [],
  sensor_kinds: [],
  sensors: 0,
  confidence: '',
  classes: [],
  trail: [],
  path: [],
  overflies: [],
  launch: null,
  impact: null,
  no_impact_because: null,
  observed: null,
  sources: [],
  flags: [],
  split_from: null,
  notice: null,
}
