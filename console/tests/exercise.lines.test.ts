import { expect, test } from 'vitest'

import { lineOf, lineOfRefusal } from '../src/exercise/lines.ts'

const PLAN = `title = "A"
lasts_s = 1

[[objectives]]
id = "warn"

[[cells]]
id = "warn"
member = "JPN"

[[injects]]
id = "launch"
at_s = 1

[[injects.expects]]
id = "alert"

[[injects]]
id = 'call'
at_s = -5`

test('a finding leads to the line of the part that it names, whatever else has that name', () => {
  expect(lineOf(PLAN, 'objective warn')).toBe(5)
  expect(lineOf(PLAN, 'cell warn')).toBe(8)
  expect(lineOf(PLAN, 'inject call')).toBe(19)
  expect(lineOf(PLAN, 'expected action alert of inject launch')).toBe(16)
  expect(lineOf(PLAN, 'member JPN')).toBe(9)
})

test('what is of no part, or is not in the text, leads nowhere', () => {
  expect(lineOf(PLAN, 'dependencies')).toBeNull()
  expect(lineOf(PLAN, 'inject gone')).toBeNull()
})

test('a plan that cannot be read leads to the line or the field that the node names', () => {
  expect(lineOfRefusal(PLAN, { why: 'Expected newline (at line 7, column 2)' })).toBe(7)
  expect(lineOfRefusal(PLAN, { field: 'injects[1].at_s', value: '-5', why: 'Expected `float` >= 0.0' })).toBe(20)
  expect(lineOfRefusal(PLAN, { field: 'injects[1]', why: 'missing `cell`' })).toBe(18)
  expect(lineOfRefusal(PLAN, { field: 'lasts_s', why: 'Expected `float`' })).toBe(2)
  expect(lineOfRefusal(PLAN, { bytes: '9', limit: '8' })).toBeNull()
})
