import assert from 'node:assert/strict'
import { test } from 'vitest'

import { sounds } from '../src/frame/step.svelte.ts'
import { type Board, NO_BOARD } from '../src/hotline/board.ts'
import { type Ring, type Tune, due, notesOf, overrides, ringsOf } from '../src/hotline/sound.ts'
import type { Picture, StandingAlert } from '../src/picture.ts'

const TUNES: readonly Tune[] = ['immediate', 'flash', 'launch', 'critical']
const AT = '2022-10-03T22:27:00Z'

const alert = (said: Partial<StandingAlert>) =>
  ({ id: 'a', member: 'JPN', said_at: AT, reason: 'impact', state: 'predicted', tracks: ['JPN-1'], areas: [], acknowledged: [], ...said }) as unknown as StandingAlert
const picture = (...alerts: readonly StandingAlert[]): Picture => ({ at: AT, tracks: [], alerts, sensors: [], warnings: [] })

test('no two sounds are alike, and none of an exercise is one of the live world', () => {
  const all = TUNES.flatMap((tune) => [notesOf(tune, false), notesOf(tune, true)])
  assert.equal(new Set(all.map((notes) => JSON.stringify(notes))).size, all.length)
  const voices = (exercise: boolean) => new Set(TUNES.flatMap((tune) => notesOf(tune, exercise).map(({ voice }) => voice)))
  for (const voice of voices(true)) assert.ok(!voices(false).has(voice))
  // By the first note one knows in which world it is.
  for (const tune of TUNES) assert.ok((notesOf(tune, true)[0]?.hz ?? 0) < 200 && (notesOf(tune, false)[0]?.hz ?? 0) > 500)
})

test('a launch sounds once; what is meant for our own country goes on until we acknowledge it', () => {
  const launch: Ring = { id: 'l', tune: 'launch' }
  const own: Ring = { id: 'c', tune: 'critical' }
  assert.equal(due([launch], new Map(), 0), launch)
  assert.equal(due([launch], new Map([['l', 0]]), 9_999), null)
  assert.equal(due([own], new Map([['c', 0]]), 3), null)
  assert.equal(due([own], new Map([['c', 0]]), 6), own)
  const rings = (acknowledged: object[]) => ringsOf(picture(alert({ acknowledged } as never)), 'JPN', NO_BOARD)
  assert.deepEqual(rings([]).map(({ tune }) => tune), ['critical'])
  assert.equal(rings([{ member: 'KOR' }]).length, 1)
  assert.deepEqual(rings([{ member: 'JPN' }]), [])
})

test('what is withdrawn or over rings no more, and one event rings once however many alerts there are of it', () => {
  for (const state of ['withdrawn', 'ended'] as const) assert.deepEqual(ringsOf(picture(alert({ state })), 'JPN', NO_BOARD), [])
  const track = { number: '7', tracks: ['JPN-1', 'KOR-1'] }
  const two = { ...picture(alert({}), alert({ id: 'b', tracks: ['KOR-1'] })), tracks: [track] } as unknown as Picture
  assert.deepEqual(ringsOf(two, 'JPN', NO_BOARD).map(({ id }) => id), ['critical:7'])
})

test('the most urgent sounds first', () => {
  const board = { ...NO_BOARD, calls: [{ message: 'm', precedence: 3 }, { message: 'n', precedence: 2 }] } as unknown as Board
  const rings = ringsOf(picture(alert({})), 'JPN', board)
  assert.deepEqual(rings.map(({ tune }) => tune), ['critical', 'flash', 'immediate'])
  assert.equal(due(rings.toReversed(), new Map(), 0)?.tune, 'critical')
})

test('a FLASH and a warning for our own country are heard although the sound is muted', () => {
  const muted = new Set(['old'])
  assert.ok(!overrides([{ id: 'old', tune: 'critical' }], muted))
  assert.ok(!overrides([{ id: 'new', tune: 'immediate' }], muted))
  assert.ok(overrides([{ id: 'new', tune: 'flash' }], muted))
  assert.ok(overrides([{ id: 'new', tune: 'critical' }], muted))
})

test('of several windows one sounds, and one that can', () => {
  const windows = [['a', true], ['b', true], ['c', false]] as const
  const heard = (down: readonly string[]) =>
    windows
      .filter(([own]) => !down.includes(own))
      .filter(([own, audible]) =>
        sounds(own, audible, windows.filter(([one]) => one !== own && !down.includes(one)).map(([window, able]) => ({ window, audible: able, heard_s: 0 }))),
      )
      .map(([own]) => own)
  assert.deepEqual(heard([]), ['a'])
  assert.deepEqual(heard(['a']), ['b'])
  assert.deepEqual(heard(['a', 'b']), [])
})
