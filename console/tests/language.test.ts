import assert from 'node:assert/strict'
import { test } from 'vitest'

import { wanted } from '../src/language.svelte.ts'
import type { Counted, Entry } from '../src/words/entry.ts'
import { en, type Key } from '../src/words/en/index.ts'
import { ja } from '../src/words/ja/index.ts'
import { ko } from '../src/words/ko/index.ts'

const KEYS = Object.keys(en) as Key[]
const OTHERS = Object.entries({ ja, ko })
/** Names that a reader of any script reads the same; so are signs and numbers. */
const THE_SAME: ReadonlySet<Key> = new Set(['clock.utc', 'page.title', 'response.at', 'supply.hhi'])

const counted = (entry: Entry): entry is Counted => typeof entry !== 'string'
const forms = (entry: Entry) => (counted(entry) ? [entry.one, entry.other] : [entry])
const blanks = (words: string) => [...new Set(words.match(/\{\w+\}/g))].sort()
/** What may be filled in: a single thing needs no number. */
const offered = (entry: Entry) => blanks(counted(entry) ? entry.other : entry)

const spells = (entry: Entry) => forms(entry).some((form) => /[a-z]/i.test(form.replace(/\{\w+\}/g, '')))

for (const [language, words] of OTHERS) {
  test(`${language} has a word for everything, and for nothing else`, () => {
    assert.deepEqual(Object.keys(words).sort(), [...KEYS].sort())
    assert.deepEqual(KEYS.filter((key) => forms(words[key]).some((form) => form.trim() === '')), [])
  })

  test(`${language} fills in what English fills in`, () => {
    const off = KEYS.filter((key) => forms(words[key]).some((form) => String(blanks(form)) !== String(offered(en[key]))))
    assert.deepEqual(off, [])
  })

  test(`${language} leaves nothing in English`, () => {
    const left = KEYS.filter((key) => String(forms(words[key])) === String(forms(en[key])) && !THE_SAME.has(key) && spells(words[key]))
    assert.deepEqual(left, [])
  })
}

test('the address comes before what was chosen last, and that before what the browser asks', () => {
  assert.equal(wanted('#room=cyber&lang=ja', 'en', ['en-GB']), 'ja')
  assert.equal(wanted('#room=cyber', 'ja', ['en-GB']), 'ja')
  assert.equal(wanted('', null, ['fr', 'ja-JP', 'en']), 'ja')
  assert.equal(wanted('#lang=xx', null, ['fr']), 'en')
})
