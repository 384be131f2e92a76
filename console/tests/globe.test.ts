import assert from 'node:assert/strict'
import { test } from 'vitest'

import { type Camera, type Margin, type Place3, frame, isFramed, limb, projector } from '../src/globe/camera.ts'
import { type Label, CHOSEN, placed } from '../src/globe/labels.ts'
import { type LonLat, EARTH_M, along, direction, dot, ellipseRing, sectorRing } from '../src/globe/sphere.ts'

const SCREEN = { width: 1_000, height: 600 }
const CAMERA: Camera = { lon_deg: 137, lat_deg: 37, zoom: 3, pitch_deg: 35, bearing_deg: 20 }
const MARGIN: Margin = { top: 56, right: 96, bottom: 76, left: 96 }

const distance_m = (a: LonLat, b: LonLat) => EARTH_M * Math.acos(Math.min(1, dot(direction(...a), direction(...b))))
const near = (value: number, wanted: number, within: number) =>
  assert.ok(Math.abs(value - wanted) <= within, `${value} is not within ${within} of ${wanted}`)

/** Numbers that look random and are the same every time. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

test('going along an azimuth covers that distance, also across 180 degrees', () => {
  for (const azimuth of [0, 45, 90, 200, 330]) {
    near(distance_m([179.5, 40], along([179.5, 40], azimuth, 500_000)), 500_000, 1)
  }
  assert.ok(along([179.5, 40], 90, 500_000)[0] > 180)
})

test('an ellipse reaches its half axes in their own directions', () => {
  const centre: LonLat = [140, 40]
  const ring = ellipseRing(centre, { semi_major_m: 40_000, semi_minor_m: 10_000, azimuth_deg: 30 }, 72)
  const reaches = ring.map((point) => distance_m(centre, point))
  near(Math.max(...reaches), 40_000, 5)
  near(Math.min(...reaches), 10_000, 5)
  near(distance_m(centre, ring[0] ?? centre), 40_000, 5)
  assert.deepEqual(ring[0], ring.at(-1))
})

test('a sector is closed, and all round when both azimuths are equal', () => {
  const site: LonLat = [130, 33]
  assert.deepEqual(sectorRing(site, 270, 30, 1e6)[0], site)
  const round = sectorRing(site, 0, 0, 1e6)
  for (const point of round) near(distance_m(site, point), 1e6, 1)
})

test('the centre of the view lands in the middle, the far side is hidden', () => {
  const project = projector(CAMERA, SCREEN)
  const middle = project({ lon_deg: 137, lat_deg: 37, alt_m: 0 })
  near(middle.x, 500, 1e-6)
  near(middle.y, 300, 1e-6)
  assert.equal(middle.hidden, false)
  assert.equal(project({ lon_deg: -43, lat_deg: -37, alt_m: 0 }).hidden, true)
})

test('height is seen upwards when the view is tilted, and not from straight above', () => {
  const place = { lon_deg: 137, lat_deg: 37 }
  const tilted = projector(CAMERA, SCREEN)
  assert.ok(tilted({ ...place, alt_m: 500_000 }).y < tilted({ ...place, alt_m: 0 }).y - 10)
  const above = projector({ ...CAMERA, pitch_deg: 0 }, SCREEN)
  near(above({ ...place, alt_m: 500_000 }).y, 300, 1e-6)
})

test('the edge of the Earth is the border between what is hidden and what is not', () => {
  const edge = limb({ ...CAMERA, zoom: 1, pitch_deg: 0 }, SCREEN)
  const radii = edge.map(({ x, y }) => Math.hypot(x - 500, y - 300))
  near(Math.max(...radii), Math.min(...radii), 1e-6)
})

test('a framed view holds every place within its margin', () => {
  const roll = dice(7)
  for (let round = 0; round < 40; round++) {
    const start: LonLat = [roll() * 360 - 180, roll() * 120 - 60]
    const places: Place3[] = [0, 0.25, 0.5, 0.75, 1].map((share) => {
      const [lon_deg, lat_deg] = along(start, roll() * 20 + 70, share * (300_000 + roll() * 3e6))
      return { lon_deg, lat_deg, alt_m: 4 * share * (1 - share) * roll() * 1.2e6 }
    })
    const camera = frame(places, SCREEN, MARGIN, 38, 5)
    const project = projector(camera, SCREEN)
    for (const place of places) {
      const { x, y, hidden } = project(place)
      assert.ok(!hidden && x >= 95 && x <= 905 && y >= 55 && y <= 525, `round ${round}: ${x} ${y} ${hidden}`)
    }
    assert.ok(isFramed(camera, places, SCREEN, { top: 50, right: 90, bottom: 70, left: 90 }, 5))
  }
})

test('no two labels overlap, and the chosen track always has its own', () => {
  const roll = dice(3)
  const labels = Array.from({ length: 60 }, (_, n): Label => ({
    key: `track-${n}`,
    kind: 'track',
    text: `Track ${n}`,
    detail: n === 0 ? '471 km, 4.4 km/s' : '',
    weight: n === 0 ? CHOSEN + 100 : 300 - n,
    critical: false,
    fade: 1,
    clear: 20,
    landed: { x: 300 + roll() * 300, y: 200 + roll() * 200, hidden: false },
    side: 'right',
  }))
  const boxes = placed(labels, SCREEN, (text) => text.length * 7).map((label) => ({
    ...label,
    right: label.left + Math.max(label.text.length, label.detail.length) * 7 + 12,
    bottom: label.top + (label.detail ? 38 : 22),
  }))
  assert.ok(boxes.some(({ key }) => key === 'track-0'))
  for (const a of boxes) {
    for (const b of boxes) {
      if (a.key === b.key) continue
      assert.ok(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top)
    }
  }
})
