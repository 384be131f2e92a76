import assert from 'node:assert/strict'
import { test } from 'vitest'

import { ACTIONS, actionNamed, boundTo, chordOf, shownKey } from '../src/actions.ts'
import { ROOMS } from '../src/rooms.ts'

const stroke = (said: Partial<KeyboardEvent>) =>
  chordOf({ key: '', code: '', ctrlKey: false, metaKey: false, shiftKey: false, ...said } as KeyboardEvent)

test('no key does two things in any room', () => {
  for (const room of ROOMS) {
    const keys = ACTIONS.filter((one) => one.room === null || one.room === room).flatMap((one) => one.keys)
    assert.deepEqual(keys.filter((key, n) => keys.indexOf(key) !== n), [], room)
  }
})

test('every action has a name of its own and a key, and stands in a room that there is', () => {
  const ids = ACTIONS.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
  for (const { id, keys, room } of ACTIONS) {
    assert.ok(keys.length > 0, `${id} has no key`)
    assert.ok(room === null || ROOMS.includes(room), `${id} stands in no room`)
  }
})

test('every room has a key', () => {
  for (const room of ROOMS) assert.equal(boundTo(actionNamed(`room.${room}`).keys[0] ?? '', 'watch')?.id, `room.${room}`)
})

test('a key of one room does nothing in another', () => {
  assert.equal(boundTo('f', 'watch')?.id, 'watch.follow')
  assert.equal(boundTo('f', 'docket'), undefined)
})

test('a key does the same under a Korean layout, a Japanese input method and Caps Lock', () => {
  assert.equal(stroke({ key: 'j', code: 'KeyJ' }), 'j')
  assert.equal(stroke({ key: 'ㅓ', code: 'KeyJ' }), 'j')
  assert.equal(stroke({ key: 'Process', code: 'KeyJ' }), 'j')
  assert.equal(stroke({ key: 'J', code: 'KeyJ' }), 'j')
  assert.equal(stroke({ key: '?', code: 'Slash', shiftKey: true }), '?')
  assert.equal(stroke({ key: 'k', code: 'KeyK', metaKey: true }), 'Ctrl+k')
  assert.equal(stroke({ key: 'ArrowDown', code: 'ArrowDown' }), 'ArrowDown')
  assert.deepEqual(['j', 'ArrowUp', 'Ctrl+k'].map(shownKey), ['j', '↑', 'Ctrl K'])
})
