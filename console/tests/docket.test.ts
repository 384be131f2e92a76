import assert from 'node:assert/strict'
import { test } from 'vitest'

import { type Item, bannerOf, hurry, officesOf, pieces, roomOf } from '../src/docket/docket.ts'
import { type NoticeRow, concentration, meetingWords, partOf, roundUp, span } from '../src/supply/supply.ts'

const NOW_MS = Date.parse('2026-11-22T10:00:00Z')

function item(due: string | null, offices: readonly string[] = []): Item {
  const label = { classification: 'SECRET', rel_to: ['JPN', 'KOR', 'USA'], caveats: ['ORCON'] } as const
  return { subject: '', title: '', state: '', due, offices, label, summary: '', about: [], instrument: '', opens: '' }
}

test('what is late, soon and undated is told apart', () => {
  assert.equal(hurry(item('2026-11-22T09:59:59Z'), NOW_MS), 'caution')
  assert.equal(hurry(item('2026-11-23T09:00:00Z'), NOW_MS), 'standby')
  assert.equal(hurry(item('2026-11-30T09:00:00Z'), NOW_MS), 'off')
  assert.equal(hurry(item(null), NOW_MS), 'off')
})

test('a label reads as the node writes it', () => {
  assert.equal(bannerOf(item(null).label), 'SECRET//REL TO USA, JPN, KOR//ORCON')
})

test('the busiest office stands first', () => {
  assert.deepEqual(officesOf([item(null, ['b']), item(null, ['a', 'c']), item(null, ['c'])]), [['c', 2], ['a', 1], ['b', 1]])
})

test('an instrument is met in its room, warning in the watch, the line nowhere', () => {
  const rooms = ['watch', 'supply']
  assert.deepEqual(['warning', 'supply', 'line'].map((one) => roomOf(one, rooms)), ['watch', 'supply', null])
})

test('the words looked for are marked, whatever stands in them', () => {
  const marked = (excerpt: string, words: string) => pieces(excerpt, words).map(({ text, hit }) => (hit ? `<${text}>` : text)).join('')
  assert.equal(marked('Missile over Tohoku', 'tohoku miss'), '<Miss>ile over <Tohoku>')
  assert.equal(marked('ガリウムの輸出', 'の'), 'ガリウム<の>輸出')
  assert.equal(marked('a (b) c', '(b'), 'a <(b>) c')
  assert.equal(marked('nothing', ''), 'nothing')
})

test('a number that is known only within bounds says so', () => {
  assert.equal(span(1_600, 1_600.4), '1\u202f600')
  assert.equal(span(12, 40), '12–40')
  assert.equal(span(12, null), '≥ 12')
  assert.equal(span(null, 40), '≤ 40')
  assert.equal(span(null, null), 'unknown')
})

test('concentration is not claimed while the missing part decides it', () => {
  const named = ([least, most]: readonly [number, number]) => concentration({ least, most, as_given: most })
  const cases = [[2_600, 9_000], [2_400, 2_600], [1_600, 2_400], [300, 1_400]] as const
  assert.deepEqual(cases.map(named), ['high', 'open', 'middle', 'low'])
})

test('an address opens the part of the room in which its record is', () => {
  const help = { requests: [{ id: 'r' }], offers: [{ id: 'o' }] } as unknown as Parameters<typeof partOf>[1]
  const measures = { measures: [{ id: 'm' }] } as unknown as Parameters<typeof partOf>[2]
  const opened = [null, 'r', 'o', 'm', 'n', 'in:N1', 'what-if:country:TWN', 'gaps:sum'].map((id) => partOf(id, help, measures))
  assert.deepEqual(opened, ['notices', 'help', 'help', 'measures', 'notices', 'inputs', 'what-if', 'gaps'])
})

test('a meeting that is late says by how much', () => {
  const row = (meeting: string, meet_by: string | null) => ({ meeting, meet_by }) as NoticeRow
  assert.equal(meetingWords(row('overdue', '2026-11-20T10:00:00Z'), NOW_MS), 'meeting overdue by 2 d')
  assert.equal(meetingWords(row('waits', '2026-11-23T10:00:00Z'), NOW_MS), 'meet within 24 h')
  assert.equal(meetingWords(row('met', null), NOW_MS), 'met')
})

test('an axis ends in a round number not far beyond', () => {
  assert.deepEqual([30, 31, 238, 999, 1_001].map(roundUp), [30, 40, 300, 1_000, 2_000])
})
