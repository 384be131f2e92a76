/** The picture as shapes to draw: pure, made anew from each picture. */
import type { Feature, FeatureCollection, Position } from 'geojson'

import { secondsSince } from '../clock.ts'
import { type Ellipse, type Line, type Picture, type SensorSite, type SystemTrack, POINT } from '../picture.ts'
import { type Level, isOver, quietAfter_s, ranked, staleAfter_s } from '../urgency.ts'
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
/** So many flights are too many to look at each. */
export const MANY = 50
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
    drawn: ranked(tracks, own, now_ms)
      .toReversed()
      .map(({ track, level }) => ({
        track: bared(track, hidden),
        symbol: !hidden.has('symbols'),
        critical: level === 'critical',
        selected: track.number === look.selected,
        fade: fade(track, level, look),
      })),
  }
}

/** What the camera must show: launch, flight and predicted impact; our own country too while nobody knows where it will fall. */
export function worthSeeing(picture: Picture, now_ms: number, home: LonLat | null): readonly Place3[] {
  const flying = picture.tracks.filter((track) => !isOver(track, now_ms))
  const most = Math.max(2, Math.min(24, Math.floor(MOST_PLACES / Math.max(1, flying.length))))
  const open = flying.some((track) => track.impact === null)
  const shown = flying.length > 0 ? flying : picture.tracks
  const places = shown.length > MANY ? shown.flatMap(endsOf) : shown.flatMap((track) => [
    track.position,
    ...sparse(track.trail, most),
    ...sparse(track.path, most),
    ...(track.launch ? around(track.launch, track.launch.ellipse90) : []),
    ...(track.impact ? around(track.impact, track.impact.ellipse90) : []),
    ...(track.observed ? around(track.observed, track.observed.ellipse90) : []),
  ])
  return outline(open && home ? [...places, { lon_deg: home[0], lat_deg: home[1], alt_m: 0 }] : places)
}

/** Of very many flights it is enough to see where they are, where they began and where they end. */
function endsOf({ position, launch, impact, observed }: SystemTrack): Place3[] {
  return [position, ...[launch, impact, observed].flatMap((one) => (one ? { lon_deg: one.lon_deg, lat_deg: one.lat_deg, alt_m: 0 } : []))]
}

/** Of very many places those that lie farthest in each direction: whoever sees them sees the others. */
function outline(places: readonly Place3[]): readonly Place3[] {
  if (places.length <= MOST_PLACES) return places
  const at = new Float64Array(places.length * 3)
  places.forEach(({ lon_deg, lat_deg, alt_m }, n) => {
    const reach = 1 + alt_m / EARTH_M
    const [x, y, z] = direction(lon_deg, lat_deg)
    at[n * 3] = x * reach
    at[n * 3 + 1] = y * reach
    at[n * 3 + 2] = z * reach
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

/** What bears on what a sensor can see. `dark`: it has fallen silent. */
export interface Cover extends Pick<SensorSite, 'lon_deg' | 'lat_deg' | 'alt_m' | 'sector_from_deg' | 'sector_to_deg' | 'max_range_m'> {
  readonly dark: boolean
}

export function covers(picture: Picture, { now_ms, rate, hidden }: Pick<Look, 'now_ms' | 'rate' | 'hidden'>): Cover[] {
  return picture.sensors
    .filter(({ kind }) => !hidden.has(kind))
    .map(({ lon_deg, lat_deg, alt_m, sector_from_deg, sector_to_deg, max_range_m, last_scan_at }) => ({
      ...{ lon_deg, lat_deg, alt_m, sector_from_deg, sector_to_deg, max_range_m },
      dark: last_scan_at === null || secondsSince(last_scan_at, now_ms) > quietAfter_s(rate),
    }))
}

/** The sector of a radar, the edge of what a satellite sees. */
export function coverage(covers: readonly Cover[]): FeatureCollection {
  return collection(
    covers.map(({ lon_deg, lat_deg, alt_m, sector_from_deg, sector_to_deg, max_range_m, dark }) => {
      const site: LonLat = [lon_deg, lat_deg]
      if (alt_m < SPACE_M) return polygon(sectorRing(site, sector_from_deg, sector_to_deg, max_range_m), { dark })
      const edge_m = EARTH_M * Math.acos(EARTH_M / (EARTH_M + alt_m))
      return lineOf(sectorRing(site, 0, 0, edge_m), { dark })
    }),
  )
}

function fade(track: SystemTrack, level: Level, { now_ms, rate, lost }: Look): number {
  const unseen_s = secondsSince(track.seen_at, now_ms)
  const stale_s = staleAfter_s(rate)
  const stale = unseen_s < stale_s ? 1 : Math.max(0.45, 1 - (unseen_s - stale_s) / 60)
  return stale * (level === 'off' ? 0.6 : 1) * (lost ? 0.8 : 1)
}

/** At most so many places of a line, evenly spread, its ends among them. */
function sparse(line: Line, most: number): Place3[] {
  const count = line.length / POINT
  const step = count <= most ? 1 : (count - 1) / (most - 1)
  return Array.from({ length: Math.min(count, most) }, (_, n) => {
    const [lon_deg = 0, lat_deg = 0, alt_m = 0] = line.subarray(Math.round(n * step) * POINT)
    return { lon_deg, lat_deg, alt_m }
  })
}

function around(at: { lon_deg: number; lat_deg: number }, ellipse: Ellipse): Place3[] {
  return ellipseRing([at.lon_deg, at.lat_deg], ellipse, 8).map(([lon_deg, lat_deg]) => ({ lon_deg, lat_deg, alt_m: 0 }))
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
