/** The globe's camera as plain arithmetic: where a point lands on the screen, and which view shows all of them. */
import { type Vector, EARTH_M, direction, dot, lonLat } from './sphere.ts'

const DEG = Math.PI / 180
/** MapLibre's camera stands this many screen heights above the centre (a field of view of 36.87°). */
const CAMERA_HEIGHTS = 1.5
const TILE_PX = 512

export interface Camera {
  readonly lon_deg: number
  readonly lat_deg: number
  readonly zoom: number
  readonly pitch_deg: number
  readonly bearing_deg: number
}

export interface Screen {
  readonly width: number
  readonly height: number
}

/** Kept free around what is framed, in pixels. */
export interface Margin {
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly left: number
}

export interface Place3 {
  readonly lon_deg: number
  readonly lat_deg: number
  readonly alt_m: number
}

export interface Landed {
  readonly x: number
  readonly y: number
  /** Behind the Earth, or behind the camera. */
  readonly hidden: boolean
}

/** Where the camera stands, in pixels, in the frame (right, ahead, up) whose origin is the centre of the Earth. */
interface Stand {
  readonly radius: number
  readonly distance: number
  readonly eye: Vector
  readonly land: (point: Vector) => Landed
}

/** Of the Earth, in pixels at the middle of the view. */
export function radius_px({ zoom, lat_deg }: Camera): number {
  return (TILE_PX * 2 ** zoom) / (2 * Math.PI * Math.cos(lat_deg * DEG))
}

function stand(camera: Camera, screen: Screen): Stand {
  const radius = radius_px(camera)
  const distance = CAMERA_HEIGHTS * screen.height
  const [sinPitch, cosPitch] = [Math.sin(camera.pitch_deg * DEG), Math.cos(camera.pitch_deg * DEG)]
  const eye: Vector = [0, -distance * sinPitch, radius + distance * cosPitch]
  const land = (point: Vector): Landed => {
    const rise = point[2] - radius
    const depth = distance + point[1] * sinPitch - rise * cosPitch
    const scale = distance / depth
    return {
      x: screen.width / 2 + point[0] * scale,
      y: screen.height / 2 - (point[1] * cosPitch + rise * sinPitch) * scale,
      hidden: depth <= 0 || earthBetween(eye, point, radius),
    }
  }
  return { radius, distance, eye, land }
}

/** Unit vectors at the centre of the view. */
function axesAt({ lon_deg, lat_deg }: Camera): { up: Vector; east: Vector; north: Vector } {
  const [lon, lat] = [lon_deg * DEG, lat_deg * DEG]
  return {
    up: direction(lon_deg, lat_deg),
    east: [-Math.sin(lon), Math.cos(lon), 0],
    north: [-Math.sin(lat) * Math.cos(lon), -Math.sin(lat) * Math.sin(lon), Math.cos(lat)],
  }
}

/** Returns what projects a place to the screen, as MapLibre's globe does below zoom 11. */
export function projector(camera: Camera, screen: Screen): (place: Place3) => Landed {
  const { radius, land } = stand(camera, screen)
  const bearing = camera.bearing_deg * DEG
  const { up, east, north } = axesAt(camera)
  return ({ lon_deg, lat_deg, alt_m }) => {
    const out = direction(lon_deg, lat_deg)
    const reach = radius * (1 + alt_m / EARTH_M)
    const [e, n] = [dot(out, east) * reach, dot(out, north) * reach]
    return land([
      e * Math.cos(bearing) - n * Math.sin(bearing),
      e * Math.sin(bearing) + n * Math.cos(bearing),
      dot(out, up) * reach,
    ])
  }
}

/** Where the camera stands: in Earth radii from its centre, x to 90° E, y to the north pole, z to 0° E. */
export function eye(camera: Camera, screen: Screen): Vector {
  const { radius, eye } = stand(camera, screen)
  const { up, east, north } = axesAt(camera)
  const bearing = camera.bearing_deg * DEG
  const [e, n] = [eye[1] * Math.sin(bearing), eye[1] * Math.cos(bearing)]
  const along = (axis: 0 | 1 | 2) => (east[axis] * e + north[axis] * n + up[axis] * eye[2]) / radius
  return [along(1), along(2), along(0)]
}

/** The edge of the Earth as it appears on the screen. */
export function limb(camera: Camera, screen: Screen, steps = 120): readonly Landed[] {
  const { radius, eye, land } = stand(camera, screen)
  const away = Math.hypot(...eye)
  const [cosEdge, sinEdge] = [radius / away, Math.sqrt(1 - (radius / away) ** 2)]
  const [ahead, up] = [eye[1] / away, eye[2] / away]
  return Array.from({ length: steps }, (_, n) => {
    const turn = (n * 2 * Math.PI) / steps
    const [right, across] = [Math.sin(turn) * sinEdge, Math.cos(turn) * sinEdge]
    return land([radius * right, radius * (cosEdge * ahead + across * up), radius * (cosEdge * up - across * ahead)])
  })
}

function earthBetween(eye: Vector, point: Vector, radius: number): boolean {
  const ray: Vector = [point[0] - eye[0], point[1] - eye[1], point[2] - eye[2]]
  const a = dot(ray, ray)
  const half = dot(ray, eye)
  const c = dot(eye, eye) - radius * radius
  const discriminant = half * half - a * c
  if (discriminant <= 0) return false
  // A point on the ground is its own first crossing; leave it a hair.
  return (-half - Math.sqrt(discriminant)) / a < 0.998
}

/** The view that holds all places within the margin, north up, at the given pitch. */
export function frame(
  places: readonly Place3[],
  screen: Screen,
  margin: Margin,
  pitch_deg: number,
  maxZoom: number,
): Camera {
  const [lon_deg, lat_deg] = middle(places)
  let camera: Camera = { lon_deg, lat_deg, zoom: maxZoom, pitch_deg, bearing_deg: 0 }
  for (let round = 0; round < 6; round++) {
    camera = { ...camera, zoom: largestZoom(camera, places, screen, margin, maxZoom) }
    camera = recentred(camera, places, screen, margin)
  }
  return { ...camera, zoom: largestZoom(camera, places, screen, margin, maxZoom) }
}

/** True when every place is visible and inside the margin, and they are not lost in the middle of it. */
export function isFramed(
  camera: Camera,
  places: readonly Place3[],
  screen: Screen,
  margin: Margin,
  maxZoom: number,
): boolean {
  const box = extent(camera, places, screen)
  if (!box || !within(box, screen, margin)) return false
  const room = { x: screen.width - margin.left - margin.right, y: screen.height - margin.top - margin.bottom }
  return (
    camera.zoom > maxZoom - 0.05 || Math.max((box.right - box.left) / room.x, (box.bottom - box.top) / room.y) > 0.4
  )
}

interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

function extent(camera: Camera, places: readonly Place3[], screen: Screen): Box | null {
  const project = projector(camera, screen)
  const box: Box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity }
  for (const place of places) {
    const { x, y, hidden } = project(place)
    if (hidden) return null
    box.left = Math.min(box.left, x)
    box.right = Math.max(box.right, x)
    box.top = Math.min(box.top, y)
    box.bottom = Math.max(box.bottom, y)
  }
  return box
}

function within(box: Box, screen: Screen, margin: Margin): boolean {
  return (
    box.left >= margin.left &&
    box.top >= margin.top &&
    box.right <= screen.width - margin.right &&
    box.bottom <= screen.height - margin.bottom
  )
}

function largestZoom(
  camera: Camera,
  places: readonly Place3[],
  screen: Screen,
  margin: Margin,
  maxZoom: number,
): number {
  let [fits, tooNear] = [-2, maxZoom]
  for (let round = 0; round < 18; round++) {
    const zoom = (fits + tooNear) / 2
    const box = extent({ ...camera, zoom }, places, screen)
    if (box && within(box, screen, margin)) fits = zoom
    else tooNear = zoom
  }
  return fits
}

/** Turns the globe so that the middle of the places lies in the middle of the free room. */
function recentred(camera: Camera, places: readonly Place3[], screen: Screen, margin: Margin): Camera {
  const box = extent(camera, places, screen)
  if (!box) return camera
  const right_px = (box.left + box.right) / 2 - (margin.left + screen.width - margin.right) / 2
  const up_px = (margin.top + screen.height - margin.bottom) / 2 - (box.top + box.bottom) / 2
  const cosLat = Math.max(0.2, Math.cos(camera.lat_deg * DEG))
  const degrees_per_px = (360 * cosLat) / (TILE_PX * 2 ** camera.zoom)
  const limited = (degrees: number) => Math.max(-25, Math.min(25, degrees))
  return {
    ...camera,
    lon_deg: camera.lon_deg + limited((right_px * degrees_per_px) / cosLat),
    lat_deg: Math.max(
      -75,
      Math.min(75, camera.lat_deg + limited((up_px * degrees_per_px) / Math.cos(camera.pitch_deg * DEG))),
    ),
  }
}

function middle(places: readonly Place3[]): [number, number] {
  const sum: [number, number, number] = [0, 0, 0]
  for (const { lon_deg, lat_deg } of places) {
    const [x, y, z] = direction(lon_deg, lat_deg)
    sum[0] += x
    sum[1] += y
    sum[2] += z
  }
  return lonLat(sum)
}
