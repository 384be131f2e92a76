import assert from 'node:assert/strict'
import { test } from 'vitest'

import {
  type Proposal,
  type PublicAlert,
  type Ready,
  askParts,
  isSame,
  person,
  readyFor,
  shortId,
  toCancel,
  waiting,
} from '../src/office/office.ts'

const AT = '2022-10-03T22:27:00Z'

function proposal(id: string, by: string, state: Proposal['state'] = 'open'): Proposal {
  return {
    id,
    member: 'JPN',
    command: 'a/b',
    ask: '{}',
    words: '',
    by,
    at: AT,
    until: AT,
    state,
    settled_by: null,
    settled_at: null,
    reason: '',
  }
}

function alert(id: string, said: Partial<PublicAlert> = {}): PublicAlert {
  return {
    id,
    member: 'JPN',
    by: 'officer:sato+officer:abe',
    said_at: AT,
    state: 'issued',
    areas: [],
    words: [],
    banner: '',
    alert: '',
    doubt: null,
    cancelled_at: null,
    cancelled_by: null,
    cancel_reason: 'error',
    cancel_words: [],
    ...said,
  }
}

test('both officers are named, each once', () => {
  assert.equal(person('officer:sato+officer:abe'), 'sato and abe')
  assert.equal(person('node'), 'node')
})

test('a name in capitals is the same person, and nobody is nobody', () => {
  assert.ok(isSame('officer:Sato', 'officer:sato'))
  assert.ok(!isSame(null, null))
})

test('what this officer may approve stands before what waits for another', () => {
  const all = [proposal('1', 'officer:abe'), proposal('2', 'officer:sato'), proposal('3', 'officer:mori', 'lapsed')]
  assert.deepEqual(
    waiting(all, 'officer:abe').map(({ id }) => id),
    ['2', '1'],
  )
})

test('the texts for the public are told apart from the rest of an ask', () => {
  const words = [{ language: 'ja', text: '訓練' }]
  const { texts, facts } = askParts(JSON.stringify({ alert: 'ab', areas: [{ member: 'JPN' }], words, after: null }))
  assert.deepEqual(texts, words)
  assert.deepEqual(facts, [
    ['alert', 'ab'],
    ['areas', '[{"member":"JPN"}]'],
  ])
  // Words of another command are shown as they are.
  assert.deepEqual(askParts('{"words":"hello"}').facts, [['words', 'hello']])
})

test('only what the chosen track predicts for our own land is ready', () => {
  const ask = { alert: 'ab', areas: [], words: [], after: null }
  const ready: Ready[] = [
    { member: 'KOR', tracks: ['JPN-1'], question: '', ask },
    { member: 'JPN', tracks: ['JPN-1', 'USA-4'], question: '', ask },
  ]
  assert.equal(readyFor(ready, 'JPN', ['USA-4']), ready[1])
  assert.equal(readyFor(ready, 'JPN', null), ready[1])
  assert.equal(readyFor(ready, 'JPN', ['JPN-2']), null)
  assert.equal(readyFor(ready, 'USA', ['JPN-1']), null)
})

test('one key cancels what is doubted first, then the newest, and never what another country said', () => {
  const newest = alert('new')
  const doubted = alert('old', { doubt: 'withdrawn' })
  assert.equal(toCancel([newest, doubted], 'JPN'), doubted)
  assert.equal(toCancel([newest], 'JPN'), newest)
  assert.equal(toCancel([newest, doubted], 'KOR'), null)
  assert.equal(toCancel([alert('gone', { state: 'cancelled' })], 'JPN'), null)
})

test('two officers read the same eight letters to each other', () => {
  assert.equal(shortId('7d01c3e9'.repeat(8)), '7d01 c3e9')
})
