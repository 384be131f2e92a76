/** The picture as shapes to draw: pure, made anew from each picture. */
import type { Feature, FeatureCollection, Position } from 'geojson'

import { secondsSince } from '../clock.ts'
import type { Ellipse, PathPoint, Picture, SystemTrack } from '../picture.ts'
import { byUrgency, isOver, quietAfter_s, staleAfter_s, trackLevel } from '../urgency.ts'
import { type Layers, bared, tracksShown } from '../watch/layers.ts'
import type { Place3 } from './camera.ts'
import { EARTH_M, type LonLat, type Vector, along, direction, ellipseRing, sectorRing } from './sphere.ts'

/** One thing in flight, ready to draw. */
export interface Drawn {
  /** Without what a hidden layer holds of it. */
  readonly track: SystemTrack
  /** Whether its symbol is shown. */
  readonly symbol: boolean
  readonly critical: boolean
  readonly selected: boolean
  /** 1 is fresh; less the older its last plot is. */
  readonly fade: number
}

export interface Scene {
  /** The most urgent last, above the others. */
  readonly drawn: readonly Drawn[]
}

/** A sensor this high is a satellite: it has no place on the ground to draw. */
export const SPACE_M = 1e6
const HOME_REACH_M = 1_200_000
const MOST_PLACES = 600
/** Directions, evenly spread. */
const OUTLINE: readonly Vector[] = Array.from({ length: 48 }, (_, n) => direction(n * 137.508, (Math.asin((2 * n + 1) / 48 - 1) * 180) / Math.PI))

/** How the picture is looked at. */
export interface Look {
  readonly own: string
  readonly selected: string | null
  readonly now_ms: number
  readonly rate: number
  /** The node is out of reach: everything fades. */
  readonly lost: boolean
  /** What is left out. */
  readonly hidden: Layers
}

export function scene(picture: Picture, look: Look): Scene {
  const { own, now_ms, hidden } = look
  // Hidden symbols leave their lines on the map.
  const tracks = tracksShown(picture.tracks, new Set([...hidden].filter((layer) => layer !== 'symbols')))
  return {
    drawn: byUrgency(tracks, own, now_ms)
      .toReversed()
      .map((track) => ({
        track: bared(track, hidden),
        symbol: !hidden.has('symbols'),
        critical: trackLevel(track, own, now_ms) === 'critical',
        selected: track.number === look.selected,
        fade: fade(track, look),
      })),
  }
}

/** What the camera must show: launch, flight and predicted impact; our own country too while nobody knows where it will fall. */
export function worthSeeing(picture: Picture, now_ms: number, home: LonLat | null): readonly Place3[] {
  const flying = picture.tracks.filter((track) => !isOver(track, now_ms))
  const most = Math.max(2, Math.min(24, Math.floor(MOST_PLACES / Math.max(1, flying.length))))
  // Of very many, where they end is enough.
  const steps = flying.length > 50 ? 1 : 8
  const open = flying.some((track) => track.impact === null)
  const places = (flying.length > 0 ? flying : picture.tracks).flatMap((track) => [
    track.position,
    ...sparse(track.trail, most).map(place),
    ...sparse(track.path, most).map(place),
    ...(track.launch ? around(track.launch, track.launch.ellipse90, steps) : []),
    ...(track.impact ? around(track.impact, track.impact.ellipse90, steps) : []),
    ...(track.observed ? around(track.observed, track.observed.ellipse90, steps) : []),
  ])
  return outline(open && home ? [...places, { lon_deg: home[0], lat_deg: home[1], alt_m: 0 }] : places)
}

/** Of very many places those that lie farthest in each direction: whoever sees them sees the others. */
function outline(places: readonly Place3[]): readonly Place3[] {
  if (places.length <= MOST_PLACES) return places
  const at = new Float64Array(places.length * 3)
  places.forEach(({ lon_deg, lat_deg, alt_m }, n) => {
    const reach = 1 + alt_m / EARTH_M
    at.set(direction(lon_deg, lat_deg).map((one) => one * reach), n * 3)
  })
  const farthest = OUTLINE.map(([x, y, z]) => {
    let best = 0
    let most = -Infinity
    for (let n = 0; n < at.length; n += 3) {
      const far = (at[n] ?? 0) * x + (at[n + 1] ?? 0) * y + (at[n + 2] ?? 0) * z
      if (far > most) {
        most = far
        best = n / 3
      }
    }
    return best
  })
  return [...new Set(farthest)].flatMap((n) => places[n] ?? [])
}

/** The view when nothing flies: what our own radars can reach. */
export function homeView(picture: Picture, home: LonLat): Place3[] {
  const sites = picture.sensors.filter((sensor) => sensor.alt_m < SPACE_M)
  const centres: LonLat[] = sites.length > 0 ? sites.map((site) => [site.lon_deg, site.lat_deg]) : [home]
  return centres.flatMap((centre) =>
    [0, 90, 180, 270].map((azimuth) => {
      const [lon_deg, lat_deg] = along(centre, azimuth, HOME_REACH_M)
      return { lon_deg, lat_deg, alt_m: 0 }
    }),
  )
}

/** What our sensors can see: the sector of a radar, the edge of what a satellite sees. `dark`: it has fallen silent. */
export function coverage(picture: Picture, { now_ms, rate, hidden }: Pick<Look, 'now_ms' | 'rate' | 'hidden'>): FeatureCollection {
  return collection(
    picture.sensors
      .filter(({ kind }) => !hidden.has(kind))
      .map((sensor) => {
        const site: LonLat = [sensor.lon_deg, sensor.lat_deg]
        const dark = sensor.last_scan_at === null || secondsSince(sensor.last_scan_at, now_ms) > quietAfter_s(rate)
        if (sensor.alt_m < SPACE_M) {
          return polygon(sectorRing(site, sensor.sector_from_deg, sensor.sector_to_deg, sensor.max_range_m), { dark })
        }
        const edge_m = EARTH_M * Math.acos(EARTH_M / (EARTH_M + sensor.alt_m))
        return lineOf(sectorRing(site, 0, 0, edge_m), { dark })
      }),
  )
}

function fade(track: SystemTrack, { now_ms, rate, lost }: Look): number {
  const unseen_s = secondsSince(track.seen_at, now_ms)
  const stale_s = staleAfter_s(rate)
  const stale = unseen_s < stale_s ? 1 : Math.max(0.45, 1 - (unseen_s - stale_s) / 60)
  return stale * (isOver(track, now_ms) ? 0.6 : 1) * (lost ? 0.8 : 1)
}

function sparse(points: readonly PathPoint[], most: number): readonly PathPoint[] {
  if (points.length <= most) return points
  const step = (points.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, n) => points[Math.round(n * step)] as PathPoint)
}

const place = ([lon_deg, lat_deg, alt_m]: PathPoint): Place3 => ({ lon_deg, lat_deg, alt_m })

function around(at: { lon_deg: number; lat_deg: number }, ellipse: Ellipse, steps: number): Place3[] {
  if (steps === 1) return [{ lon_deg: at.lon_deg, lat_deg: at.lat_deg, alt_m: 0 }]
  return ellipseRing([at.lon_deg, at.lat_deg], ellipse, steps).map(([lon_deg, lat_deg]) => ({ lon_deg, lat_deg, alt_m: 0 }))
}

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })

const polygon = (ring: Position[], properties: Record<string, unknown>): Feature => ({
  type: 'Feature',
  properties,
  geometry: { type: 'Polygon', coordinates: [ring] },
})

const lineOf = (coordinates: Position[], properties: Record<string, unknown>): Feature => ({
  type: 'Feature',
  properties,
  geometry: { type: 'LineString', coordinates },
})
