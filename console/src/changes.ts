/** The picture, kept up by what changed in it. The form of a frame: api/changes.py. */
import { type Line, type Picture, type SystemTrack, POINT } from './picture.ts'

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

/** Row, points kept from the front, new ones, points kept from the end. */
const CUT = 4
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

/** A track as it may be written. */
type Draft = Record<string, unknown>

function tracksAfter(before: readonly SystemTrack[], head: Head, numbers: Float64Array): readonly SystemTrack[] {
  const held = head.tracks ? inOrder(before, head.tracks) : before
  const drafts: Draft[] = held.slice() as object[] as Draft[]
  const columns: readonly (readonly [field: string, rows: Rows, ...rest: unknown[]])[] = [
    ...(head.words ?? []),
    ...(head.numbers ?? []),
    ...(head.places ?? []),
    ...(head.paths ?? []).map(([field, cuts]) => [field, cuts.filter((_, n) => n % CUT === 0)] as const),
  ]
  // What changes is copied, once.
  const all = drafts.map((_, n) => n)
  const moved = columns.some(([, rows]) => rows === null) ? all : new Set(columns.flatMap(([, rows]) => rows ?? []))
  for (const n of moved) drafts[n] = copied(drafts[n] as object as SystemTrack) as object as Draft
  let at = 0
  for (const [field, rows, values] of head.words ?? []) {
    const alike = values.length === 1
    let nth = 0
    for (const n of rows ?? all) (drafts[n] as Draft)[field] = alike ? values[0] : values[nth++]
  }
  for (const [field, rows] of head.numbers ?? []) {
    for (const n of rows ?? all) (drafts[n] as Draft)[field] = numbers[at++]
  }
  for (const [field, rows] of head.places ?? []) {
    for (const n of rows ?? all) {
      ;(drafts[n] as Draft)[field] = { lat_deg: numbers[at], lon_deg: numbers[at + 1], alt_m: numbers[at + 2] }
      at += 3
    }
  }
  for (const [field, cuts] of head.paths ?? []) {
    for (let cut = 0; cut < cuts.length; cut += CUT) {
      const [n = 0, front = 0, count = 0, back = 0] = [cuts[cut], cuts[cut + 1], cuts[cut + 2], cuts[cut + 3]]
      const old = (drafts[n] as Draft)[field] as Line
      const line = new Float64Array((front + count + back) * POINT)
      line.set(old.subarray(0, front * POINT))
      line.set(numbers.subarray(at, at + count * POINT), front * POINT)
      line.set(old.subarray(old.length - back * POINT), (front + count) * POINT)
      at += count * POINT
      ;(drafts[n] as Draft)[field] = line
    }
  }
  return drafts as object[] as SystemTrack[]
}

function inOrder(before: readonly SystemTrack[], numbers: readonly string[]): readonly SystemTrack[] {
  const known = new Map(before.map((track) => [track.number, track]))
  return numbers.map((number) => known.get(number) ?? copied({ ...UNTOLD, number }))
}

/** Every field is there from the start, so that all tracks are objects of one shape. */
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
  trail: new Float64Array(0),
  path: new Float64Array(0),
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

/** Field by field: so an engine copies several times as fast as with `...`. */
function copied(track: SystemTrack): SystemTrack {
  return {
    number: track.number,
    state: track.state,
    phase: track.phase,
    first_at: track.first_at,
    at: track.at,
    seen_at: track.seen_at,
    position: track.position,
    position_sigma_m: track.position_sigma_m,
    speed_mps: track.speed_mps,
    speed_sigma_mps: track.speed_sigma_mps,
    heading_deg: track.heading_deg,
    climb_mps: track.climb_mps,
    members: track.members,
    tracks: track.tracks,
    sensor_kinds: track.sensor_kinds,
    sensors: track.sensors,
    confidence: track.confidence,
    classes: track.classes,
    trail: track.trail,
    path: track.path,
    overflies: track.overflies,
    launch: track.launch,
    impact: track.impact,
    no_impact_because: track.no_impact_because,
    observed: track.observed,
    sources: track.sources,
    flags: track.flags,
    split_from: track.split_from,
    notice: track.notice,
  }
}
