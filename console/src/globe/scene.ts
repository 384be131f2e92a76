/** The picture as shapes to draw: pure, made anew from each picture. */
import type { Feature, FeatureCollection, Position } from 'geojson'

import { secondsSince } from '../clock.ts'
import type { Ellipse, PathPoint, Picture, SystemTrack } from '../picture.ts'
import { byUrgency, isOver, staleAfter_s, trackLevel } from '../urgency.ts'
import type { Place3 } from './camera.ts'
import { EARTH_M, type LonLat, along, ellipseRing, sectorRing, unbroken } from './sphere.ts'

export type Point3 = [lon_deg: number, lat_deg: number, alt_m: number]

/** One thing in flight, ready to draw. */
export interface Drawn {
  readonly track: SystemTrack
  readonly critical: boolean
  readonly selected: boolean
  /** 1 is fresh; less the older its last plot is. */
  readonly fade: number
  readonly at: Point3
  readonly flown: Point3[]
  readonly dashes: Point3[][]
  readonly stem: [Point3, Point3]
}

export interface Scene {
  readonly drawn: readonly Drawn[]
  readonly ellipses: FeatureCollection
  readonly ground: FeatureCollection
}

/** A sensor this high is a satellite: it has no place on the ground to draw. */
export const SPACE_M = 1e6
const HOME_REACH_M = 1_200_000
const DASH_PX = 13
const MOST_DASHES = 240

/** How the picture is looked at. */
export interface Look {
  readonly own: string
  readonly selected: string | null
  readonly now_ms: number
  readonly rate: number
  /** The node is out of reach: everything fades. */
  readonly lost: boolean
  readonly dash_m: number
}

export function scene(picture: Picture, look: Look): Scene {
  const { own, now_ms } = look
  // The most urgent is drawn last, above the others.
  const drawn = byUrgency(picture.tracks, own, now_ms)
    .toReversed()
    .map((track): Drawn => {
      const { lon_deg, lat_deg, alt_m } = track.position
      return {
        track,
        critical: trackLevel(track, own, now_ms) === 'critical',
        selected: track.number === look.selected,
        fade: fade(track, look),
        at: [lon_deg, lat_deg, alt_m],
        flown: continuous(track.trail),
        dashes: dashes(continuous(track.path), look.dash_m),
        stem: [
          [lon_deg, lat_deg, 0],
          [lon_deg, lat_deg, alt_m],
        ],
      }
    })
  return {
    drawn,
    ellipses: collection(drawn.flatMap((one) => ellipsesOf(one, own))),
    ground: collection(drawn.filter(({ flown }) => flown.length > 1).map(({ flown }) => lineOf(flown))),
  }
}

/** What the camera must show: launch, flight and predicted impact; our own country too while nobody knows where it will fall. */
export function worthSeeing(picture: Picture, now_ms: number, home: LonLat | null): Place3[] {
  const flying = picture.tracks.filter((track) => !isOver(track, now_ms))
  const open = flying.some((track) => track.impact === null)
  const places = (flying.length > 0 ? flying : picture.tracks).flatMap((track) => [
    track.position,
    ...sparse(track.trail).map(place),
    ...sparse(track.path).map(place),
    ...(track.launch ? around(track.launch, track.launch.ellipse90) : []),
    ...(track.impact ? around(track.impact, track.impact.ellipse90) : []),
    ...(track.observed ? around(track.observed, track.observed.ellipse90) : []),
  ])
  return open && home ? [...places, { lon_deg: home[0], lat_deg: home[1], alt_m: 0 }] : places
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

export function coverage(picture: Picture): FeatureCollection {
  return collection(
    picture.sensors
      .filter((sensor) => sensor.alt_m < SPACE_M)
      .map((sensor) => {
        const site: LonLat = [sensor.lon_deg, sensor.lat_deg]
        const ring = sectorRing(site, sensor.sector_from_deg, sensor.sector_to_deg, sensor.max_range_m)
        return polygon(ring, {})
      }),
  )
}

function fade(track: SystemTrack, { now_ms, rate, lost }: Look): number {
  const unseen_s = secondsSince(track.seen_at, now_ms)
  const stale_s = staleAfter_s(rate)
  const stale = unseen_s < stale_s ? 1 : Math.max(0.45, 1 - (unseen_s - stale_s) / 60)
  return stale * (isOver(track, now_ms) ? 0.6 : 1) * (lost ? 0.8 : 1)
}

function ellipsesOf({ track, fade }: Drawn, own: string): Feature[] {
  const rings = (
    of: 'launch' | 'impact' | 'observed',
    at: { lon_deg: number; lat_deg: number; ellipse50: Ellipse; ellipse90: Ellipse },
    critical: boolean,
  ) =>
    [at.ellipse50, at.ellipse90].map((ellipse, n) =>
      polygon(ellipseRing([at.lon_deg, at.lat_deg], ellipse), { of, critical, fade, width: n === 0 ? 1 : 1.5 }),
    )
  return [
    ...(track.launch ? rings('launch', track.launch, false) : []),
    ...(track.observed
      ? rings(
          'observed',
          track.observed,
          track.observed.areas.some((area) => area.member === own),
        )
      : []),
    ...(track.impact
      ? rings(
          'impact',
          track.impact,
          track.impact.areas.some((area) => area.member === own),
        )
      : []),
  ]
}

/** A dash and its gap on the ground in metres, at this zoom. */
export function dashLength(zoom: number): number {
  return (DASH_PX * 2 * Math.PI * EARTH_M) / (512 * 2 ** zoom)
}

/** The path in pieces of equal duration with gaps between them. */
export function dashes(path: readonly Point3[], dash_m: number): Point3[][] {
  if (path.length < 2) return []
  const count = Math.max(3, Math.min(MOST_DASHES, Math.round(lengthOf(path) / dash_m)))
  const at = (share: number): Point3 => {
    const where = share * (path.length - 1)
    const n = Math.min(Math.floor(where), path.length - 2)
    const [a, b] = [path[n], path[n + 1]]
    if (!a || !b) return path[0] ?? [0, 0, 0]
    const part = where - n
    return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part]
  }
  return Array.from({ length: count }, (_, n) => {
    const [from, to] = [n / count, (n + 0.58) / count]
    return [at(from), at((from + to) / 2), at(to)]
  })
}

/** Rough length in metres, height included. */
function lengthOf(path: readonly Point3[]): number {
  let sum = 0
  for (let n = 1; n < path.length; n++) {
    const [a, b] = [path[n - 1], path[n]]
    if (!a || !b) continue
    const east = (b[0] - a[0]) * 111_000 * Math.cos((a[1] * Math.PI) / 180)
    sum += Math.hypot(east, (b[1] - a[1]) * 111_000, b[2] - a[2])
  }
  return sum
}

function continuous(points: readonly PathPoint[]): Point3[] {
  const flat = unbroken(points.map(([lon, lat]) => [lon, lat]))
  return flat.map(([lon, lat], n) => [lon, lat, points[n]?.[2] ?? 0])
}

function sparse(points: readonly PathPoint[]): readonly PathPoint[] {
  const step = Math.max(1, Math.ceil(points.length / 24))
  return points.filter((_, n) => n % step === 0 || n === points.length - 1)
}

const place = ([lon_deg, lat_deg, alt_m]: PathPoint): Place3 => ({ lon_deg, lat_deg, alt_m })

function around(at: { lon_deg: number; lat_deg: number }, ellipse: Ellipse): Place3[] {
  return ellipseRing([at.lon_deg, at.lat_deg], ellipse, 8).map(([lon_deg, lat_deg]) => ({ lon_deg, lat_deg, alt_m: 0 }))
}

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })

const polygon = (ring: Position[], properties: Record<string, unknown>): Feature => ({
  type: 'Feature',
  properties,
  geometry: { type: 'Polygon', coordinates: [ring] },
})

const lineOf = (line: readonly Point3[]): Feature => ({
  type: 'Feature',
  properties: {},
  geometry: { type: 'LineString', coordinates: line.map(([lon, lat]) => [lon, lat]) },
})
