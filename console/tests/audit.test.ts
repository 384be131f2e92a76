import assert from 'node:assert/strict'
import { test } from 'vitest'

import { type Line, type AuditPage, addressOf, hoursOf, levelOf, queryOf, wantedOf } from '../src/audit/audit.ts'
import { Lines } from '../src/audit/lines.svelte.ts'

const NOTHING = wantedOf(null)

test('what is looked for stands in the address and is read from it again', () => {
  const wanted = { ...NOTHING, decision: 'refused', author: 'officer:a&b=c', record: '7d01c3e9', since: '2026-08-18T03:00' }
  assert.deepEqual(wantedOf(addressOf(wanted)), wanted)
  assert.equal(addressOf(NOTHING), null)
  assert.deepEqual(wantedOf('colour=red'), NOTHING)
})

test('the node is asked in UTC, and never for the record whose story lies open', () => {
  assert.equal(queryOf({ ...NOTHING, since: '2026-08-18T03:00', record: '7d01c3e9' }), 'since=2026-08-18T03%3A00Z')
  assert.equal(queryOf({ ...NOTHING, member: ' KOR ' }), 'member=KOR')
})

test('the last day is counted for each member, hour by hour', () => {
  const now_ms = Date.parse('2026-08-18T03:30:00Z')
  const tally = (hour: string, decision: string, count: number) => ({ hour, member: 'KOR', decision, count })
  const [korea, ...rest] = hoursOf([tally('2026-08-18T03', 'release', 4), tally('2026-08-17T04', 'withheld', 2)], now_ms)
  assert.deepEqual(rest, [])
  assert.equal(korea?.bars.length, 24)
  assert.deepEqual([korea?.bars[23]?.released, korea?.bars[0]?.withheld, korea?.refused], [4, 2, 0])
})

test('a refusal has a shape of its own, and so has a fork', () => {
  assert.deepEqual(['release', 'withheld', 'sign-in-refused', 'fork', 'saw'].map(levelOf), ['normal', 'standby', 'caution', 'serious', 'off'])
})

function line(number: number): Line {
  return { line: number, at: '', decision: 'saw', member: '', author: '', record: '', policy: '', digest: '', why: '' }
}

/** A node that looks through ten lines at once and finds every fifth. */
function answer(path: string): AuditPage {
  const asked = new URLSearchParams(path.slice(path.indexOf('?')))
  const end = Number(asked.get('before') ?? 101)
  const begin = Math.max(1, end - 10)
  const lines = Array.from({ length: end - begin }, (_, n) => begin + n).filter((one) => one % 5 === 0)
  return { lines: lines.map(line), before: begin > 1 ? begin : null, looked_to: '', kinds: {} }
}

test('a node that looks through a part at once is asked until there is enough, or nothing more', async () => {
  const asked: string[] = []
  globalThis.fetch = ((path: string) => {
    asked.push(path)
    return Promise.resolve(new Response(JSON.stringify(answer(path))))
  }) as typeof fetch
  const lines = new Lines()
  lines.open('decision=saw')
  await new Promise((done) => setTimeout(done, 50))
  assert.equal(lines.ended, true)
  assert.deepEqual(lines.lines.map((one) => one.line), Array.from({ length: 20 }, (_, n) => 100 - 5 * n))
  assert.equal(asked.length, 10)
  await lines.more()
  assert.equal(asked.length, 10)
})
