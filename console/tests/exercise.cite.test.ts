import assert from 'node:assert/strict'
import { test } from 'vitest'

import type { Item } from '../src/docket/docket.ts'
import { cited, noRecords, open, toggled } from '../src/exercise/cite.ts'

const [ONE, OTHER] = ['c3'.repeat(32), 'd4'.repeat(32)]
const item = (subject: string, about: readonly string[] = []) =>
  ({ subject, about, instrument: 'warning', title: 'Missile 1' }) as unknown as Item

test('a record is cited once, however often and with whatever space it was typed', () => {
  assert.deepEqual(cited(` ${ONE}\n${OTHER}  ${ONE} `), [ONE, OTHER])
})

test('what is no id of a record is named', () => {
  assert.deepEqual(noRecords(`${ONE} c3c3 ${OTHER.toUpperCase()}`), ['c3c3', OTHER.toUpperCase()])
})

test('choosing what is cited takes it back, and what was typed beside stays', () => {
  assert.equal(toggled('', ONE), ONE)
  assert.equal(toggled(`${ONE} half`, OTHER), `${ONE} half ${OTHER}`)
  assert.equal(toggled(`${ONE} half ${OTHER}`, ONE), `half ${OTHER}`)
})

test('what no record says cannot be cited, but by a record that it rests on', () => {
  assert.deepEqual(open([item('1'), item('1', [ONE]), item(OTHER, [ONE])]).map(({ record }) => record), [ONE, OTHER])
})
