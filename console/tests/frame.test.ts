import assert from 'node:assert/strict'
import { test } from 'vitest'

import { fit, plain } from '../src/frame/fuzzy.ts'
import { nameOf, sheetOf } from '../src/frame/sheet.ts'
import { unknownIn } from '../src/view.svelte.ts'

const fits = (typed: string, words: string) => fit(plain(typed), plain(words))

test('what an address says and this page does not know is named', () => {
  assert.deepEqual(unknownIn('#room=docket&id=x&track=4&follow=off&lang=ja&sheet=lines'), [])
  assert.deepEqual(unknownIn(''), [])
  assert.deepEqual(unknownIn('#room=kitchen&colour=<b>'), [
    { name: 'room', value: 'kitchen' },
    { name: 'colour', value: '<b>' },
  ])
  assert.deepEqual(unknownIn('#follow=on&sheet=nothing&lang=fr').map(({ name }) => name), ['follow', 'sheet', 'lang'])
})

test('a sheet is called in the address so that it can be opened from there', () => {
  const sheets = [
    { is: 'lines' },
    { is: 'proposal', id: '7d01' },
    { is: 'consult', basis: { records: ['a1', 'b2'], items: ['dialogue:owed & late'] } },
  ] as const
  for (const sheet of sheets) assert.deepEqual(sheetOf(nameOf(sheet), []), sheet)
  assert.equal(sheetOf('acknowledge:gone', []), null)
})

test('a few letters find a thing in each of the three scripts', () => {
  assert.ok(fits('hot', 'Hotline') !== null)
  assert.ok(fits('mtw', 'Mute for two') !== null)
  assert.ok(fits('발사', '미사일 발사') !== null)
  // As it is typed: the last syllable is not whole yet.
  assert.ok(fits('미사이', '미사일 발사') !== null)
  assert.ok(fits('警報', 'ミサイル警報') !== null)
  assert.ok(fits('ﾐｻｲﾙ', 'ミサイル警報') !== null)
  assert.equal(fits('xyz', 'Hotline'), null)
  assert.ok((fits('line', 'Lines to partners') ?? 0) > (fits('line', 'Cyber library of nine') ?? 0))
})
