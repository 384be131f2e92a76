/** Directions and distances on a round Earth: for drawing only, where 0.3 % cannot be seen. */
import type { Ellipse } from '../picture.ts'

export const EARTH_M = 6_371_009
const DEG = Math.PI / 180

export type LonLat = [lon_deg: number, lat_deg: number]
export type Vector = readonly [x: number, y: number, z: number]

/** Unit vector of a place. */
export function direction(lon_deg: number, lat_deg: number): Vector {
  const lat = lat_deg * DEG
  const lon = lon_deg * DEG
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)]
}

export function lonLat([x, y, z]: Vector): LonLat {
  return [Math.atan2(y, x) / DEG, Math.atan2(z, Math.hypot(x, y)) / DEG]
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/** The place `distance_m` from here along `azimuth_deg`. Longitude stays near the start's, also across 180°. */
export function along([lon_deg, lat_deg]: LonLat, azimuth_deg: number, distance_m: number): LonLat {
  const lat = lat_deg * DEG
  const azimuth = azimuth_deg * DEG
  const angle = distance_m / EARTH_M
  const sine = Math.sin(lat) * Math.cos(angle) + Math.cos(lat) * Math.sin(angle) * Math.cos(azimuth)
  const east = Math.atan2(Math.sin(azimuth) * Math.sin(angle) * Math.cos(lat), Math.cos(angle) - Math.sin(lat) * sine)
  return [lon_deg + east / DEG, Math.asin(Math.max(-1, Math.min(1, sine))) / DEG]
}

/** A closed ring around an error ellipse. */
export function ellipseRing(
  centre: LonLat,
  { semi_major_m, semi_minor_m, azimuth_deg }: Ellipse,
  steps = 72,
): LonLat[] {
  return Array.from({ length: steps + 1 }, (_, n) => {
    const off = (n % steps) * (360 / steps)
    const reach =
      (semi_major_m * semi_minor_m) /
      Math.max(Math.hypot(semi_minor_m * Math.cos(off * DEG), semi_major_m * Math.sin(off * DEG)), 1e-9)
    return along(centre, azimuth_deg + off, reach)
  })
}

/** A closed ring around what a sensor can reach; the whole circle when both azimuths are equal. */
export function sectorRing(site: LonLat, from_deg: number, to_deg: number, reach_m: number): LonLat[] {
  const sweep = (((to_deg - from_deg) % 360) + 360) % 360 || 360
  const steps = Math.max(8, Math.ceil(sweep / 4))
  const arc = Array.from({ length: steps + 1 }, (_, n) => along(site, from_deg + (sweep * n) / steps, reach_m))
  if (sweep === 360) return arc
  const side = (azimuth_deg: number) =>
    Array.from({ length: 12 }, (_, n) => along(site, azimuth_deg, (reach_m * n) / 12))
  return [...side(from_deg), ...arc, ...side(to_deg).reverse()]
}
