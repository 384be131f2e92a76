/** A flat map of a part of the Earth (Mercator): what to frame, and coasts as one path. */
import type { MultiLineString } from 'geojson'
import { mesh } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import atlasUrl from 'world-atlas/countries-50m.json?url'

export interface LatLon {
  readonly lat_deg: number
  readonly lon_deg: number
}

/** Of the map, in degrees; `east` may be beyond 180. */
export interface Frame {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

export interface Flat {
  readonly frame: Frame
  readonly x: (lon_deg: number) => number
  readonly y: (lat_deg: number) => number
}

/** Where members live. Also the least that is shown: nobody recognises two coasts of a bay. */
const HOME: Frame = { west: 118, east: 150, south: 27, north: 46 }
const MARGIN_DEG = 2
/** The frame grows in such steps: what moves must not move the coasts with it. */
const STEP_DEG = 5
const FARTHEST_DEG = 75
/** Longitudes are counted from here, so that the Pacific is in one piece. */
const SEAM_DEG = -40

export function unwrapped(lon_deg: number): number {
  return ((((lon_deg - SEAM_DEG) % 360) + 360) % 360) + SEAM_DEG
}

function mercator(lat_deg: number): number {
  const lat = (Math.max(-FARTHEST_DEG, Math.min(FARTHEST_DEG, lat_deg)) * Math.PI) / 180
  return (Math.log(Math.tan(Math.PI / 4 + lat / 2)) * 180) / Math.PI
}

/** What holds `points`, and the region. */
export function framed(points: readonly LatLon[]): Frame {
  const below = (least: number, deg: number) => (deg - MARGIN_DEG < least ? Math.floor((deg - MARGIN_DEG) / STEP_DEG) * STEP_DEG : least)
  const above = (most: number, deg: number) => (deg + MARGIN_DEG > most ? Math.ceil((deg + MARGIN_DEG) / STEP_DEG) * STEP_DEG : most)
  return points.reduce(
    (frame, { lat_deg, lon_deg }) => ({
      west: below(frame.west, unwrapped(lon_deg)),
      east: above(frame.east, unwrapped(lon_deg)),
      south: below(frame.south, lat_deg),
      north: above(frame.north, lat_deg),
    }),
    HOME,
  )
}

/** All of `wanted` in `width` by `height`. */
export function flat(wanted: Frame, width: number, height: number): Flat {
  const { west, east } = wanted
  const [south, north] = [mercator(wanted.south), mercator(wanted.north)]
  const scale = Math.min(width / (east - west), height / (north - south))
  const [middle, centre] = [(east + west) / 2, (north + south) / 2]
  const [half, tall] = [width / scale / 2, height / scale / 2]
  const degrees = (value: number) => (Math.atan(Math.exp((value * Math.PI) / 180)) * 360) / Math.PI - 90
  return {
    frame: { west: middle - half, east: middle + half, south: degrees(centre - tall), north: degrees(centre + tall) },
    x: (lon_deg) => (unwrapped(lon_deg) - middle) * scale + width / 2,
    y: (lat_deg) => (centre - mercator(lat_deg)) * scale + height / 2,
  }
}

/** A line of longitudes and latitudes, as the path of an SVG. */
export function outline(at: readonly (readonly [lon_deg: number, lat_deg: number, ...rest: number[]])[], { x, y }: Flat): string {
  return at.map(([lon, lat], n) => `${n === 0 ? 'M' : 'L'}${x(lon).toFixed(1)} ${y(lat).toFixed(1)}`).join('')
}

type Atlas = Topology<{ land: GeometryCollection }>

let asked: Promise<MultiLineString> | null = null

/** Where land meets sea, and no border: from Natural Earth (world-atlas, 1:50 million). Asked for once. */
export function coasts(): Promise<MultiLineString> {
  asked ??= fetch(atlasUrl).then(async (answer) => {
    if (!answer.ok) throw new Error(`the map file did not come: ${answer.status}`)
    const atlas = (await answer.json()) as Atlas
    return mesh(atlas, atlas.objects.land)
  })
  return asked
}

/** Those coasts that are in the frame, as the path of an SVG. */
export function coastPath({ coordinates }: MultiLineString, { frame, x, y }: Flat): string {
  const near = ([lon = 0, lat = 0]: readonly number[]) => {
    const at = unwrapped(lon)
    return at > frame.west - 5 && at < frame.east + 5 && lat > frame.south - 5 && lat < frame.north + 5
  }
  return coordinates
    .flatMap((line) => {
      let pen = 'M'
      return line.map((point) => {
        const [lon = 0, lat = 0] = point
        if (!near(point)) {
          pen = 'M'
          return ''
        }
        const step = `${pen}${x(lon).toFixed(1)} ${y(lat).toFixed(1)}`
        pen = 'L'
        return step
      })
    })
    .join('')
}

/** The whole tens of degrees within the frame, by `step`. */
export function lines(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, n) => first + n * step)
}
