/** Areas in which nothing is played, as the watch of an exercise shows them. */
import type { FeatureCollection } from 'geojson'

import type { ExercisePlayedArea as Area } from '../api.ts'
import { unwrapped } from '../chart/flat.ts'
import type { LonLat } from '../globe/sphere.ts'

export type AreaStanding = 'now' | 'later' | 'over'

/** By the clock of the exercise. */
export function areaStanding({ begins_at, ends_at }: Area, now_ms: number): AreaStanding {
  if (Date.parse(ends_at) <= now_ms) return 'over'
  return Date.parse(begins_at) <= now_ms ? 'now' : 'later'
}

/** Its edge, closed; the Pacific is in one piece. */
export function edgeOf({ corners_deg }: Area): LonLat[] {
  const ring = corners_deg.map(([lat, lon]): LonLat => [unwrapped(lon), lat])
  return [...ring, ...ring.slice(0, 1)]
}

/** Where its name stands: the middle of its corners. */
export function middleOf(area: Area): { readonly lon_deg: number; readonly lat_deg: number } {
  const ring = edgeOf(area).slice(1)
  const mean = (axis: 0 | 1) => ring.reduce((sum, at) => sum + at[axis], 0) / ring.length
  return { lon_deg: mean(0), lat_deg: mean(1) }
}

/** Edges alone, and nothing filled: what is filled or rings a point is a threat or what a sensor sees. */
export function edges(areas: readonly Area[]): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: areas.map((one) => ({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: edgeOf(one) } })),
  }
}
