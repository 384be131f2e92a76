import assert from 'node:assert/strict'
import { test } from 'vitest'

import { type Tables, tell } from '../src/told/tell.ts'
import { told as ja } from '../src/told/ja/index.ts'
import { told as ko } from '../src/told/ko/index.ts'

const TABLES: Tables = {
  some: {
    'Missile {0}': 'M {0}',
    'Missile {0}, lost': 'L {0}',
    'Waits: <0>.': 'W <{0}>',
    '…{0} and {1}': '{0} + {1}',
    '…it burns': 'B',
  },
}
const some = (words: string) => tell(TABLES, 'some', words)

test('of two that fit, the one with more words of its own is meant', () => {
  assert.equal(some('Missile USA-4'), 'M USA-4')
  assert.equal(some('Missile USA-4, lost'), 'L USA-4')
})

test('a piece stands in the hole of a sentence, never alone', () => {
  assert.equal(some('it burns'), null)
  assert.equal(some('Waits: it burns.'), 'W <B>')
  assert.equal(some('Waits: you and me.'), 'W <you + me>')
})

test('what somebody wrote is left as it was written', () => {
  assert.equal(some('you and me'), null)
  assert.equal(some('Missile you and me'), 'M you and me')
  assert.equal(tell(TABLES, 'other', 'Missile USA-4'), null)
})

test('a hostile sentence is a string like any other', () => {
  assert.equal(some('Missile $& {0} <img src=x>'), 'M $& {0} <img src=x>')
  assert.equal(some(`Missile ${'x'.repeat(5000)}`), null)
  assert.equal(tell({ some: { '(a+)+ {0}': '{0}' } }, 'some', '(a+)+ b'), 'b')
})

test('an alert is told sentence by sentence', () => {
  const words =
    'Missile launched at 22:22:05 UTC near 40.3 N 126.9 E. It is predicted to come down at 22:32:41 UTC, give or take 12 s, ' +
    'near 40.9 N 145.2 E. Seen by 2 sensors of JPN and USA: two kinds; as notified.'
  assert.equal(
    tell(ko, 'seen', words),
    '22:22:05 UTC, 40.3 N 126.9 E 부근에서 미사일 발사. 22:32:41 UTC (± 12초), 40.9 N 145.2 E 부근 낙하 예상. ' +
      '탐지: JPN, USA, 센서 2기. 두 종류의 센서가 일치; 통보대로 비행.',
  )
  assert.doesNotMatch(tell(ja, 'seen', words) ?? 'missile', /[a-z]{3}/)
})

test('a docket cites what the picture says', () => {
  const because = 'it was seen for 12 s by one sensor, which needs 30 s'
  assert.equal(tell(ko, 'docket.warning', `No impact point: ${because}.`), '탄착 예상 지점 없음: 센서 1기로 12초간 관측됨. 30초 필요.')
  assert.equal(tell(ko, 'docket.consult', 'Give our own assessment'), '자국 평가를 제출할 것')
})
