import assert from 'node:assert/strict'
import { test } from 'vitest'

import type { Exercise, ExpectedRow, InjectRow, Msel, Rating } from '../src/api.ts'
import { cornersTyped, momentTyped } from '../src/exercise/areas.ts'
import { agreementOn, standingOf } from '../src/exercise/learn.ts'
import { opened } from '../src/exercise/parts.ts'
import { passedOver, rowsOf, settingOf, stateOf, stateWords, timeOf, waitsFor } from '../src/exercise/play.ts'
import { aroundNow, lanesOf, MOST_ROWS, wholeOf } from '../src/exercise/playline.ts'

const STARTS_AT = '2027-03-01T00:00:00Z'

const inject = (id: string, of: Partial<InjectRow> = {}): InjectRow => ({
  ...{ id, title: id.toUpperCase(), member: 'USA', cell: 'white', answer: false, by_hand: false, after: [], when: null },
  ...{ command: null, words: null, goes_s: null, called: false, outcome: null, at_s: null, records: [], why: '' },
  ...of,
})

const expected = (id: string, of: Partial<ExpectedRow> = {}): ExpectedRow => ({
  ...{ id, inject: 'call', member: 'JPN', kind: 'hotline.acknowledged.v1', within_s: 120, objective: 'talk', criterion: 'read' },
  ...{ verdict: 'not asked', took_s: null },
  ...of,
})

const msel = (injects: readonly InjectRow[], answers: readonly ExpectedRow[] = [], now_s = 600): Msel => ({
  ...{ title: 'Freedom', starts_at: STARTS_AT, lasts_s: 3_600, dry: false, now_s, late_s: null, injects, expected: answers },
})

test('an inject is in one state, and says in how long it is due', () => {
  assert.equal(stateOf(inject('a'), 0), 'waits')
  assert.equal(stateOf(inject('a', { by_hand: true }), 0), 'by-hand')
  assert.equal(stateOf(inject('a', { by_hand: true, called: true, goes_s: 5 }), 9), 'called')
  assert.equal(stateOf(inject('a', { goes_s: 60 }), 60), 'now')
  assert.equal(stateWords(inject('a', { goes_s: 660 }), 600), 'Due in 60 s')
  assert.equal(stateOf(inject('a', { outcome: 'done', at_s: 5, goes_s: 5 }), 9), 'gone')
  assert.equal(stateOf(inject('a', { outcome: 'refused', called: true }), 9), 'refused')
})

test('rows stand in the order in which injects go, and a filter keeps what a member must answer', () => {
  const all = msel(
    [inject('waits'), inject('late', { goes_s: 900 }), inject('call', { outcome: 'done', at_s: 60 }), inject('kor', { goes_s: 700, member: 'KOR' })],
    [expected('ack', { verdict: 'awaited' })],
  )
  const names = (member: string | null, open: boolean) => rowsOf(all, { member, open }).map((row) => row.inject.id)
  assert.deepEqual(names(null, false), ['call', 'kor', 'late', 'waits'])
  assert.deepEqual(names('JPN', false), ['call'])
  assert.deepEqual(names('KOR', false), ['kor'])
  assert.deepEqual(names(null, true), ['call', 'kor', 'late', 'waits'], 'an answer is still awaited')
  const done = { ...all, expected: [expected('ack', { verdict: 'done', took_s: 5 })] }
  assert.deepEqual(rowsOf(done, { member: null, open: true }).map((row) => row.inject.id), ['kor', 'late', 'waits'])
})

test('a jump names what it passes over and nothing else', () => {
  const all = msel(
    [
      inject('call', { outcome: 'done', at_s: 590 }),
      inject('soon', { goes_s: 700 }),
      inject('later', { goes_s: 3_000 }),
      inject('hand', { by_hand: true }),
      inject('called', { called: true, goes_s: 600 }),
    ],
    [expected('ack', { verdict: 'awaited' }), expected('long', { verdict: 'awaited', within_s: 3_000 }), expected('done', { verdict: 'done', took_s: 3 })],
  )
  const over = passedOver(all, 1_000)
  assert.deepEqual(over.injects.map(({ id }) => id), ['soon'])
  assert.deepEqual(over.expected.map(({ id }) => id), ['ack'])
})

test('an inject names what it waits for, and what of it has come', () => {
  const all = msel([inject('call', { outcome: 'skipped' }), inject('more', { after: ['call'], when: { kind: 'consult.requested.v1', by: null, times: 2 } })])
  const more = all.injects[1]
  assert.ok(more)
  assert.deepEqual(waitsFor(more, all, []), [
    { words: 'after “CALL”', come: true },
    { words: 'when anybody has said consult.requested.v1 2 times', come: null },
  ])
})

test('times of a long exercise bear their day', () => {
  assert.equal(timeOf(90_000, { starts_at: STARTS_AT, lasts_s: 3 * 86_400 }), '03-02 01:00:00Z')
  assert.equal(timeOf(60, { starts_at: STARTS_AT, lasts_s: 3_600 }), '00:01:00Z')
})

test('a setting begins just ahead, at the time that the exercise has then', () => {
  const about = { now: '2027-03-01T00:10:00Z', real: '2026-11-23T12:00:00Z', rate: 20 }
  assert.deepEqual(settingOf(about, { rate: 0 }), {
    real_at: '2026-11-23T12:00:00.500Z',
    exercise_at: '2027-03-01T00:10:10.000Z',
    rate: 0,
  })
  const jumped = settingOf(about, { to_ms: Date.parse('2027-03-01T05:00:00Z') })
  assert.deepEqual([jumped.exercise_at, jumped.rate], ['2027-03-01T05:00:00.000Z', 20])
})

test('windows that lie over each other stand in rows of their own', () => {
  const all = msel([inject('call', { outcome: 'done', at_s: 60 })], [1, 2, 3, 4, 5].map((n) => expected(`e${n}`, { verdict: 'done', took_s: 500 })))
  const [jpn, usa] = lanesOf(all, wholeOf(all), 10)
  assert.equal(jpn?.rows, MOST_ROWS)
  assert.deepEqual(jpn?.bars.map(({ row }) => row), [0, 1, 2, 2, 2])
  assert.equal(jpn?.bars[0]?.came_s, 560)
  assert.deepEqual(usa?.marks.map(({ at_s }) => at_s), [60])
  assert.deepEqual(lanesOf(all, aroundNow({ ...all, now_s: 3_000 }), 10).map(({ marks, bars }) => marks.length + bars.length), [0, 0])
})

test('corners and moments are taken as they are meant, or not at all', () => {
  assert.deepEqual(cornersTyped('35.5 139.75\n 35.5, -140.5 \n\n-35 140.5'), [[35.5, 139.75], [35.5, -140.5], [-35, 140.5]])
  for (const wrong of ['', '1 2\n3 4', '1 2\n3 4\nfive six', '1 2\n3 4\n91 0', '1 2\n3 4\n5']) assert.equal(cornersTyped(wrong), null)
  assert.equal(momentTyped(' 2027-03-01 08:30 '), Date.parse('2027-03-01T08:30:00Z'))
  assert.ok(Number.isNaN(momentTyped('tomorrow')))
})

test('an address opens a part and something in it', () => {
  const parts = ['play', 'areas'] as const
  assert.deepEqual(opened('play:call-1', parts), { part: 'play', of: 'call-1' })
  assert.deepEqual(opened('areas', parts), { part: 'areas', of: null })
  assert.deepEqual(opened('plan:x', parts), { part: 'play', of: null })
  assert.deepEqual(opened(null, parts), { part: 'play', of: null })
})

test('a member that takes no part is never told as halted, and an end outlives a halt', () => {
  const row = (member: string, ended: unknown = null) => ({ member, ended })
  const one = { members: [row('JPN'), row('USA', {})], halted: { member: 'KOR' } } as unknown as Exercise
  const standings = (of: Exercise) => ['JPN', 'KOR', 'USA'].map((member) => standingOf(of, member))
  assert.deepEqual(standings(one), ['halted', 'absent', 'ended'])
  assert.deepEqual(standings({ ...one, halted: null }), ['joined', 'absent', 'ended'])
})

test('ratings agree where all who rated say the same, and else are told from the best to the worst', () => {
  const rated = (...ratings: readonly Rating[]) => ratings.map((rating) => ({ objective: 'warn', rating }))
  const on = (...ratings: readonly Rating[]) => agreementOn('warn', [...rated(...ratings), { objective: 'other', rating: 'U' }])
  assert.deepEqual(on(), { is: 'unrated', rated: 0, best: null, worst: null })
  assert.deepEqual(on('M'), { is: 'alone', rated: 1, best: 'M', worst: 'M' })
  assert.deepEqual(on('S', 'S', 'S'), { is: 'agree', rated: 3, best: 'S', worst: 'S' })
  assert.deepEqual(on('M', 'P', 'S'), { is: 'differ', rated: 3, best: 'P', worst: 'M' })
})
