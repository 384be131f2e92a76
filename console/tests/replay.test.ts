import { expect, test } from 'vitest'

import { playState } from '../src/exercise/exercise.ts'
import { fromHash, inHash, type Mark, levelOf, placeOf, type Replay, speedBeside } from '../src/replay/replay.ts'

const replay = { from_at: '2026-08-18T03:00:00Z', to_at: '2026-08-18T03:30:00Z' } as Replay

test('a moment and a speed come back from the address as they were put there', () => {
  const hash = inHash('#room=hotline&lang=ja', '2026-08-18T03:10:00.000Z', 4)
  expect(fromHash(hash)).toEqual({ at: '2026-08-18T03:10:00.000Z', speed: 4 })
  expect(new URLSearchParams(hash.slice(1)).get('room')).toBe('hotline')
})

test('an address that says nothing of use moves nothing', () => {
  expect(fromHash('#at=yesterday&speed=1000')).toEqual({ at: null, speed: null })
  expect(fromHash('')).toEqual({ at: null, speed: null })
})

test('speeds end at a quarter and at sixty', () => {
  expect([speedBeside(1, 1), speedBeside(1, -1), speedBeside(60, 1), speedBeside(0.25, -1)]).toEqual([2, 0.5, 60, 0.25])
})

test('a moment stands on the line where it was, and never beyond its ends', () => {
  expect(placeOf('2026-08-18T03:15:00Z', replay)).toBe(0.5)
  expect(placeOf('2020-01-01T00:00:00Z', replay)).toBe(0)
  expect(placeOf('2030-01-01T00:00:00Z', replay)).toBe(1)
  expect(placeOf('2026-08-18T03:00:00Z', { ...replay, to_at: replay.from_at })).toBe(0)
})

test('nothing of the past is critical now', () => {
  expect(levelOf({ kind: 'launch' } as Mark)).toBe('serious')
  expect(levelOf({ kind: 'watch' } as Mark)).toBe('off')
})

test('play is what the clock says, and a halt is stronger', () => {
  const set = { real_at: '', exercise_at: '', rate: 2, slowed_from: null }
  const halted = { member: 'KOR', author: '', reason: '', at: '' }
  expect(playState(null)).toBe('unset')
  expect(playState({ now: '', set, halted: null })).toBe('running')
  expect(playState({ now: '', set: { ...set, rate: 0 }, halted: null })).toBe('paused')
  expect(playState({ now: '', set, halted })).toBe('halted')
})
