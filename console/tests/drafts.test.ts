import assert from 'node:assert/strict'
import { test } from 'vitest'

import { Shelf, draftName, read } from '../src/drafts/shelf.ts'

const DAY_MS = 86_400_000

/** What the shelf asks of a browser's storage, with room for so many letters. */
class Box {
  [name: string]: unknown
  readonly #room: number

  constructor(room: number) {
    this.#room = room
  }

  getItem(name: string): string | null {
    return Object.hasOwn(this, name) ? String(this[name]) : null
  }

  setItem(name: string, text: string) {
    if (text.length > this.#room) throw new DOMException('full', 'QuotaExceededError')
    this[name] = text
  }

  removeItem(name: string) {
    delete this[name]
  }
}

const over = (room: number) => {
  const box = new Box(room) as unknown as Storage
  return new Shelf(() => box)
}

const lying = (at_ms: number) => JSON.stringify({ ask_id: 'console:1', at_ms, words: { text: 'a' } })

test('what is put on the shelf is found again, until it is dropped', () => {
  const shelf = over(100)
  assert.equal(shelf.put('a', 'words'), true)
  assert.equal(shelf.text('a'), 'words')
  shelf.drop('a')
  assert.equal(shelf.text('a'), null)
})

test('what a full or forbidden storage refuses stays in the page, and the shelf says so', () => {
  const full = over(3)
  assert.equal(full.put('a', 'words'), false)
  assert.equal(full.text('a'), 'words')
  assert.equal(full.put('a', 'w'), true)
  assert.equal(full.text('a'), 'w')
  const forbidden = new Shelf(() => {
    throw new DOMException('no', 'SecurityError')
  })
  assert.equal(forbidden.put('a', 'words'), false)
  assert.equal(forbidden.text('a'), 'words')
  forbidden.sweep(0)
  forbidden.drop('a')
  assert.equal(forbidden.text('a'), null)
})

test('a draft belongs to one officer in one world and one form', () => {
  const names = [
    draftName('camp-david', 'officer:abe', 'message:new'),
    draftName('camp-david.freedom-27', 'officer:abe', 'message:new'),
    draftName('camp-david', 'officer:mori', 'message:new'),
    draftName('camp-david', 'officer:abe', 'file-report'),
  ]
  assert.equal(new Set(names).size, names.length)
})

test('drafts that lay for a month are swept, and what else a browser keeps is not touched', () => {
  const shelf = over(1_000)
  const [old, fresh, broken] = ['old', 'fresh', 'broken'].map((form) => draftName('w', 'o', form)) as [string, string, string]
  shelf.put(old, lying(0))
  shelf.put(fresh, lying(10 * DAY_MS))
  shelf.put(broken, '{"ask_id":')
  shelf.put('laurel:language', 'ja')
  shelf.sweep(31 * DAY_MS)
  assert.deepEqual([old, fresh, broken, 'laurel:language'].map((one) => shelf.text(one) !== null), [false, true, false, true])
})

test('what lies there and is no draft is read as nothing', () => {
  assert.equal(read(null), null)
  for (const text of ['', '{', '[]', 'null', '7', '{"ask_id":1,"at_ms":1,"words":{}}', '{"ask_id":"a","at_ms":1,"words":null}']) {
    assert.equal(read(text), null, text)
  }
  assert.deepEqual(read(lying(5)), { ask_id: 'console:1', at_ms: 5, words: { text: 'a' } })
})
