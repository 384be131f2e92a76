/** Land, borders and member territories from Natural Earth (world-atlas, 1:50 million). */
import type { Feature, FeatureCollection, MultiLineString, MultiPolygon, Polygon, Position } from 'geojson'
import { feature, mesh } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import atlasUrl from 'world-atlas/countries-50m.json?url'

import type { Member } from '../picture.ts'
import type { LonLat } from './sphere.ts'
import outlines from './zones.json'

/** ISO 3166-1: the atlas knows countries by number, members are known by letters. */
const NUMBERS: Readonly<Record<string, string>> = {
  AUS: '036',
  GBR: '826',
  IND: '356',
  JPN: '392',
  KOR: '410',
  USA: '840',
}

type Atlas = Topology<{ countries: GeometryCollection<{ name: string }>; land: GeometryCollection }>

export interface Geography {
  readonly land: FeatureCollection
  readonly borders: MultiLineString
  readonly members: FeatureCollection
  /** Where 200 nautical miles of each member end: an approximation. */
  readonly zones: FeatureCollection
  readonly names: readonly { readonly code: string; readonly text: string; readonly at: LonLat }[]
}

export async function geography(members: readonly Member[]): Promise<Geography> {
  const answer = await fetch(atlasUrl)
  if (!answer.ok) throw new Error(`the map file did not come: ${answer.status}`)
  const atlas = (await answer.json()) as Atlas
  const { countries, land } = atlas.objects
  const all = feature(atlas, countries).features
  const territories = members.flatMap((member) => {
    const found = all.find((country) => country.id === NUMBERS[member.code])
    return found
      ? [{ ...found, properties: { code: member.code, name: member.name } } as Feature<Polygon | MultiPolygon>]
      : []
  })
  return {
    land: feature(atlas, land),
    borders: mesh(atlas, countries, (a, b) => a !== b),
    members: { type: 'FeatureCollection', features: territories },
    zones: { type: 'FeatureCollection', features: members.flatMap(({ code }) => zoneOf(code)) },
    names: territories.map(({ geometry, properties }) => ({
      code: String(properties?.['code']),
      text: String(properties?.['name']),
      at: heart(geometry),
    })),
  }
}

function zoneOf(code: string): Feature[] {
  const found = (outlines as Readonly<Record<string, Position[][]>>)[code]
  return found ? [{ type: 'Feature', properties: { code }, geometry: { type: 'MultiLineString', coordinates: found } }] : []
}

/** Where a country's name stands: the centroid of its largest part. */
function heart(geometry: Polygon | MultiPolygon): LonLat {
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  const largest = parts
    .map(([ring]) => centroid(ring ?? []))
    .reduce((best, part) => (part.area > best.area ? part : best), { area: 0, at: [0, 0] as LonLat })
  return largest.at
}

function centroid(ring: readonly Position[]): { area: number; at: LonLat } {
  let [area, x, y] = [0, 0, 0]
  ring.forEach(([x0 = 0, y0 = 0], n) => {
    const [x1 = 0, y1 = 0] = ring[(n + 1) % ring.length] ?? []
    const cross = x0 * y1 - x1 * y0
    area += cross / 2
    x += (x0 + x1) * cross
    y += (y0 + y1) * cross
  })
  return { area: Math.abs(area), at: area === 0 ? [0, 0] : [x / (6 * area), y / (6 * area)] }
}

/** Every 10 degrees. */
export function graticule(): MultiLineString {
  const steps = (from: number, to: number, by: number) =>
    Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, n) => from + n * by)
  return {
    type: 'MultiLineString',
    coordinates: [
      ...steps(-180, 170, 10).map((lon) => steps(-80, 80, 5).map((lat) => [lon, lat])),
      ...steps(-80, 80, 10).map((lat) => steps(-180, 180, 5).map((lon) => [lon, lat])),
    ],
  }
}
