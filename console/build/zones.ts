import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import type { Position } from 'geojson'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'

/** Writes src/globe/zones.json: where 200 nautical miles from a member's coast end, or another coast is nearer.
 * At sea alone, on a grid of half a degree: an approximation. Run by hand, as the README of the console says. */

/** ISO 3166-1: the atlas knows countries by number, members are known by letters. */
const NUMBERS: Readonly<Record<string, string>> = { AUS: '036', GBR: '826', IND: '356', JPN: '392', KOR: '410', USA: '840' }
const FILE = new URL('../src/globe/zones.json', import.meta.url)
const REACH_KM = 370.4
const STEP_DEG = 0.5
const BIN_DEG = 2
const EARTH_KM = 6371
const RAD = Math.PI / 180

type Vector = readonly [number, number, number]

const vector = (lon: number, lat: number): Vector => [
  Math.cos(lat * RAD) * Math.cos(lon * RAD),
  Math.cos(lat * RAD) * Math.sin(lon * RAD),
  Math.sin(lat * RAD),
]
const apart_km = (a: Vector, b: Vector) =>
  2 * EARTH_KM * Math.asin(Math.min(1, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2))
const turned = (lon: number) => ((((lon + 180) % 360) + 360) % 360) - 180

function drawn(): Record<string, Position[][]> {
  const file = createRequire(import.meta.url).resolve('world-atlas/countries-50m.json')
  const atlas = JSON.parse(readFileSync(file, 'utf8')) as Topology<{ countries: GeometryCollection }>
  const rings = feature(atlas, atlas.objects.countries).features.flatMap(({ id, geometry }) => {
    const parts =
      geometry.type === 'MultiPolygon' ? geometry.coordinates : geometry.type === 'Polygon' ? [geometry.coordinates] : []
    return parts.flatMap((part) => part.slice(0, 1).map((ring) => ({ id: String(id), ring, box: boxOf(ring) })))
  })
  const coast = new Map<string, { id: string; at: Vector }[]>()
  for (const { id, ring } of rings) {
    for (const [lon = 0, lat = 0] of ring) {
      const [bin, point] = [binOf(lon, lat), { id, at: vector(lon, lat) }]
      const known = coast.get(bin)
      if (known === undefined) coast.set(bin, [point])
      // Within 5 km of the last another point says nothing new.
      else if (known.at(-1)?.id !== id || apart_km(known.at(-1)?.at ?? point.at, point.at) > 5) known.push(point)
    }
  }
  return Object.fromEntries(
    Object.entries(NUMBERS).map(([code, id]) => [code, outline(id, rings.filter((one) => one.id === id), rings, coast)]),
  )
}

const binOf = (lon: number, lat: number) => `${Math.floor(turned(lon) / BIN_DEG)} ${Math.floor(lat / BIN_DEG)}`

/** Positive within the zone, in km; null on land and where no coast of its is near. */
function outline(
  id: string,
  own: readonly Shore[],
  rings: readonly Shore[],
  coast: ReadonlyMap<string, readonly { id: string; at: Vector }[]>,
): Position[][] {
  const nodes = new Set<string>()
  const seen = new Set<string>()
  for (const { ring } of own) {
    for (const [lon = 0, lat = 0] of ring) {
      const place = `${Math.round(lon)} ${Math.round(lat)}`
      if (seen.has(place)) continue
      seen.add(place)
      const [up, out] = [4.5, Math.min(60, 4.5 / Math.max(0.1, Math.cos(lat * RAD)))]
      for (let y = Math.floor((lat - up) / STEP_DEG); y <= (lat + up) / STEP_DEG; y++) {
        for (let x = Math.floor((lon - out) / STEP_DEG); x <= (lon + out) / STEP_DEG; x++) nodes.add(`${x} ${y}`)
      }
    }
  }
  const values = new Map<string, number>()
  for (const node of nodes) {
    const [x = 0, y = 0] = node.split(' ').map(Number)
    const [lon, lat] = [x * STEP_DEG, y * STEP_DEG]
    if (Math.abs(lat) > 84 || rings.some((shore) => holds(shore, turned(lon), lat))) continue
    const [mine, other] = nearest(id, lon, lat, coast)
    values.set(node, Math.min(REACH_KM - mine, other - mine))
  }
  return joined(contour(values))
}

function nearest(
  id: string,
  lon: number,
  lat: number,
  coast: ReadonlyMap<string, readonly { id: string; at: Vector }[]>,
): [mine: number, other: number] {
  const here = vector(lon, lat)
  let [mine, other] = [2 * REACH_KM, 2 * REACH_KM]
  const out = Math.min(60, 4.5 / Math.max(0.1, Math.cos(lat * RAD)))
  for (let y = lat - 4.5; y <= lat + 4.5 + BIN_DEG; y += BIN_DEG) {
    for (let x = lon - out; x <= lon + out + BIN_DEG; x += BIN_DEG) {
      for (const point of coast.get(binOf(x, y)) ?? []) {
        const far = apart_km(here, point.at)
        if (point.id === id) mine = Math.min(mine, far)
        else other = Math.min(other, far)
      }
    }
  }
  return [mine, other]
}

const boxOf = (ring: readonly Position[]) => ({
  west: ring.reduce((least, [lon = 0]) => Math.min(least, lon), 180),
  east: ring.reduce((most, [lon = 0]) => Math.max(most, lon), -180),
  south: ring.reduce((least, [, lat = 0]) => Math.min(least, lat), 90),
  north: ring.reduce((most, [, lat = 0]) => Math.max(most, lat), -90),
})

interface Shore {
  readonly id: string
  readonly ring: Position[]
  readonly box: ReturnType<typeof boxOf>
}

function holds({ ring, box }: Shore, lon: number, lat: number): boolean {
  if (lon < box.west || lon > box.east || lat < box.south || lat > box.north) return false
  let inside = false
  ring.forEach(([x1 = 0, y1 = 0], n) => {
    const [x0 = 0, y0 = 0] = ring[(n + ring.length - 1) % ring.length] ?? []
    if (y0 > lat !== y1 > lat && lon < ((x1 - x0) * (lat - y0)) / (y1 - y0) + x0) inside = !inside
  })
  return inside
}

/** Where the value is 0, by marching squares; cells that touch land are left out. */
function contour(values: ReadonlyMap<string, number>): [Position, Position][] {
  const pieces: [Position, Position][] = []
  for (const node of values.keys()) {
    const [x = 0, y = 0] = node.split(' ').map(Number)
    const corners = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]].map(([cx = 0, cy = 0]) => ({
      lon: cx * STEP_DEG,
      lat: cy * STEP_DEG,
      value: values.get(`${cx} ${cy}`),
    }))
    if (corners.some(({ value }) => value === undefined)) continue
    const crossed: Position[] = []
    corners.forEach((a, n) => {
      const b = corners[(n + 1) % 4]
      if (!b || a.value === undefined || b.value === undefined || a.value > 0 === b.value > 0) return
      const part = a.value / (a.value - b.value)
      crossed.push([round(a.lon + (b.lon - a.lon) * part), round(a.lat + (b.lat - a.lat) * part)])
    })
    for (let n = 0; n + 1 < crossed.length; n += 2) {
      const [from, to] = [crossed[n], crossed[n + 1]]
      if (from && to) pieces.push([from, to])
    }
  }
  return pieces
}

const round = (degrees: number) => Math.round(degrees * 100) / 100

/** Pieces end to end. */
function joined(pieces: readonly [Position, Position][]): Position[][] {
  const left = new Set(pieces)
  const at = new Map<string, [Position, Position][]>()
  for (const piece of pieces) for (const end of piece) at.set(String(end), [...(at.get(String(end)) ?? []), piece])
  const lines: Position[][] = []
  for (const start of pieces) {
    if (!left.delete(start)) continue
    const line: Position[] = [...start]
    for (const grow of ['push', 'unshift'] as const) {
      for (;;) {
        const end = grow === 'push' ? line.at(-1) : line[0]
        const next = (at.get(String(end)) ?? []).find((piece) => left.has(piece))
        if (!next) break
        left.delete(next)
        line[grow](String(next[0]) === String(end) ? next[1] : next[0])
      }
    }
    lines.push(line)
  }
  return lines
}

writeFileSync(FILE, `${JSON.stringify(drawn())}\n`)
