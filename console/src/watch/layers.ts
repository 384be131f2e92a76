/** What the map and its lists may leave out, each under one name, which also stands in the address. */
import { type Picture, type SystemTrack, POINT } from '../picture.ts'
import { trackLevel } from '../urgency.ts'

export const LAYERS = [
  'symbols',
  'labels',
  'trajectories',
  'paths',
  'launches',
  'impacts',
  'radar',
  'infrared',
  'territory',
  'zones',
  'notified',
  'no-play',
] as const
export type Layer = (typeof LAYERS)[number]
export type Layers = ReadonlySet<Layer>

/** Areas without play are of an exercise alone. */
export const layersOf = (exercise: string | null): readonly Layer[] =>
  exercise === null ? LAYERS.filter((layer) => layer !== 'no-play') : LAYERS

/** Nothing is left out. */
export const WHOLE: Layers = new Set()

/** What an address leaves out, which names what it shows; everything is shown when it names nothing. */
export function hiddenIn(shown: string | null): Layers {
  const named = shown?.split('.') ?? LAYERS
  return new Set(LAYERS.filter((layer) => !named.includes(layer)))
}

/** What is shown, for the address; null when that is everything. */
export function addressOf(hidden: Layers): string | null {
  return hidden.size === 0 ? null : LAYERS.filter((layer) => !hidden.has(layer)).join('.')
}

export function toggled(hidden: Layers, layer: Layer): Layers {
  const next = new Set(hidden)
  if (!next.delete(layer)) next.add(layer)
  return next
}

/** Only what flies as notified is hidden with the notified ones: what leaves its path never is. */
const isNotified = ({ notice }: SystemTrack) => notice?.fit === 'as notified' && notice.counts

/** The tracks that map and table show. */
export function tracksShown(tracks: readonly SystemTrack[], hidden: Layers): readonly SystemTrack[] {
  if (hidden.has('symbols')) return []
  return hidden.has('notified') ? tracks.filter((track) => !isNotified(track)) : tracks
}

const NO_POINTS: SystemTrack['trail'] = new Float64Array(0)

/** The track without what the hidden layers hold of it. */
export function bared(track: SystemTrack, hidden: Layers): SystemTrack {
  if (hidden.size === 0) return track
  return {
    ...track,
    ...(hidden.has('trajectories') ? { trail: NO_POINTS } : {}),
    ...(hidden.has('paths') ? { path: NO_POINTS } : {}),
    ...(hidden.has('launches') ? { launch: null } : {}),
    ...(hidden.has('impacts') ? { impact: null, observed: null } : {}),
  }
}

/** What a layer holds of a track. */
const HOLDS: Readonly<Partial<Record<Layer, (track: SystemTrack) => boolean>>> = {
  symbols: () => true,
  labels: () => true,
  trajectories: ({ trail }) => trail.length > POINT,
  paths: ({ path }) => path.length > 0,
  launches: ({ launch }) => launch !== null,
  impacts: ({ impact, observed }) => impact !== null || observed !== null,
  notified: isNotified,
}

/** The hidden layers that hold something of a critical track: an officer must know that he does not see it. */
export function criticalHidden(picture: Picture, hidden: Layers, own: string, now_ms: number): readonly Layer[] {
  if (hidden.size === 0) return []
  const critical = picture.tracks.filter((track) => trackLevel(track, own, now_ms) === 'critical')
  return LAYERS.filter((layer) => hidden.has(layer) && critical.some((track) => HOLDS[layer]?.(track)))
}
