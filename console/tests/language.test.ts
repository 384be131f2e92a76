import assert from 'node:assert/strict'
import { test } from 'vitest'

import { SPOKEN, wanted } from '../src/language.svelte.ts'
import type { Counted, Entry } from '../src/words/entry.ts'
import { en, type Key } from '../src/words/en/index.ts'
import { ja } from '../src/words/ja/index.ts'

const KEYS = Object.keys(en) as Key[]
const OTHERS = Object.entries({ ja })
/** What a reader of any script reads the same: signs, codes and names. */
const THE_SAME: ReadonlySet<Key> = new Set([
  'area.territory',
  'clock.rate',
  'clock.utc',
  'page.title',
  'response.at',
  'supply.at-least',
  'supply.at-most',
  'supply.hhi',
])

const counted = (entry: Entry): entry is Counted => typeof entry !== 'string'
const forms = (entry: Entry) => (counted(entry) ? [entry.one, entry.other] : [entry])
const blanks = (words: string) => [...new Set(words.match(/\{\w+\}/g))].sort()
/** What may be filled in: a single thing needs no number. */
const offered = (entry: Entry) => blanks(counted(entry) ? entry.other : entry)

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
    const left = KEYS.filter((key) => String(forms(words[key])) === String(forms(en[key])) && !THE_SAME.has(key))
    assert.deepEqual(left, [])
  })
}

test('the address comes before what was chosen last, and that before what the browser asks', () => {
  assert.equal(wanted('#room=cyber&lang=ja', 'en', ['en-GB']), 'ja')
  assert.equal(wanted('#room=cyber', 'ja', ['en-GB']), 'ja')
  assert.equal(wanted('', null, ['fr', 'ja-JP', 'en']), 'ja')
  assert.equal(wanted('#lang=xx', null, ['fr']), 'en')
  assert.ok(SPOKEN.includes('ja'))
})
