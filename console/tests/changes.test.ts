import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'vitest'

import { type Shown, shownAfter } from '../src/changes.ts'
import type { Picture as ToldPicture } from '../src/api.ts'
import type { Picture } from '../src/picture.ts'

/** Its lines as the page lays them. */
function laid(picture: ToldPicture): Picture {
  return { ...picture, tracks: picture.tracks.map((one) => ({ ...one, trail: Float64Array.from(one.trail.flat()), path: Float64Array.from(one.path.flat()) })) }
}

const file = new URL('../../tests/vectors/picture-changes.json', import.meta.url)
const VECTORS = (JSON.parse(readFileSync(file, 'utf-8')) as { frame: string; picture: ToldPicture }[]).map(
  ({ frame, picture }) => ({ frame: Uint8Array.from(Buffer.from(frame, 'base64')).buffer, picture: laid(picture) }),
)

function shown(count: number): Shown {
  const last = VECTORS.slice(0, count).reduce<Shown | null>((before, { frame }) => shownAfter(before, frame), null)
  assert.ok(last)
  return last
}

test('a page that follows the changes shows the picture that the node shows', () => {
  VECTORS.forEach(({ picture }, n) => assert.deepEqual(shown(n + 1).picture, picture))
})

test('a track that did not change is the same object, and so are the lines of one that moved', () => {
  const [first, second, third, fourth] = [shown(1), shown(2), shown(3), shown(4)].map(({ picture }) => picture)
  assert.notEqual(first?.tracks[0], second?.tracks[0])
  const before = shown(2)
  const after = shownAfter(before, (VECTORS[2] as { frame: ArrayBuffer }).frame)
  assert.equal(after?.picture.tracks[0], before.picture.tracks[0])
  assert.equal(third?.tracks.length, 3)
  assert.deepEqual(fourth?.tracks.map(({ number }) => number), ['1', '3'])
  const start = shown(1)
  const next = shownAfter(start, (VECTORS[1] as { frame: ArrayBuffer }).frame)
  assert.notEqual(next?.picture.tracks[0], start.picture.tracks[0])
  assert.equal(next?.picture.tracks[0]?.impact, start.picture.tracks[0]?.impact)
})

test('a page that missed a change says so, and begins again with the whole', () => {
  const third = VECTORS[2] as { frame: ArrayBuffer }
  assert.equal(shownAfter(null, third.frame), null)
  assert.equal(shownAfter(shown(1), third.frame), null)
  const whole = VECTORS[0] as { frame: ArrayBuffer; picture: Picture }
  assert.deepEqual(shownAfter(shown(4), whole.frame)?.picture, whole.picture)
})
