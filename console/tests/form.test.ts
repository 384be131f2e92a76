import assert from 'node:assert/strict'
import { test } from 'vitest'

import { hint } from '../src/form/hints.ts'
import { refusedAt } from '../src/form/refused.ts'
import { blank, type Fields, formsOf, type Json, type OpenApi, type Struct, typed } from '../src/form/schema.ts'
import { mayStayEmpty, written } from '../src/form/written.ts'

const ID = 'ab'.repeat(32)
const LABEL = { classification: 'SECRET', rel_to: ['JPN', 'USA'], caveats: [] }

/** As a node describes an ask with a field of every sort. */
const DOCUMENT: OpenApi = {
  paths: {
    '/camp-david/region/report-incident': {
      post: {
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Ask' } } } },
        'x-persons': 2,
        'x-roles': ['analyst'],
        'x-confirm': 'Is this real?',
      },
    },
    '/camp-david/region/report-incident/many': { post: {} },
    '/camp-david/about': {},
  },
  components: {
    schemas: {
      Ask: {
        type: 'object',
        description: 'Tell it.',
        required: ['alert', 'title', 'at', 'sure', 'grade', 'label', 'where'],
        properties: {
          type: { const: 'incident' },
          alert: { type: 'string', pattern: '^[0-9a-f]{64}$' },
          title: { type: 'string', minLength: 2, maxLength: 5 },
          at: { type: 'string', format: 'date-time' },
          day: { oneOf: [{ type: 'string', format: 'date' }, { type: 'null' }], default: null },
          sure: { type: 'boolean' },
          grade: { $ref: '#/components/schemas/Grade' },
          label: { $ref: '#/components/schemas/Label' },
          where: { type: 'array', minItems: 1, maxItems: 2, items: { $ref: '#/components/schemas/Corner' } },
          count: { type: 'integer', minimum: 1, default: 3 },
          share: { oneOf: [{ type: 'number', exclusiveMinimum: 0, maximum: 1 }, { type: 'null' }], default: null },
          source: { oneOf: [{ $ref: '#/components/schemas/Source' }, { type: 'null' }], default: null },
          note: { type: 'string', default: '' },
          more: { type: 'object', additionalProperties: { type: 'string' }, default: {} },
        },
      },
      Grade: { enum: ['A1', 'B2'], type: 'string' },
      Label: { type: 'object', properties: {} },
      Corner: {
        type: 'array',
        prefixItems: [
          { type: 'number', title: 'lat_deg', minimum: -90, maximum: 90 },
          { type: 'number', title: 'lon_deg' },
        ],
        minItems: 2,
      },
      Source: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, again: { $ref: '#/components/schemas/Source' } } },
    },
  },
}

const WHOLE: Json = {
  type: 'incident',
  alert: ID,
  title: '津軽😀',
  at: '2022-10-03T22:27:00Z',
  day: '2022-10-04',
  sure: false,
  grade: 'B2',
  label: LABEL,
  where: [[41.5, 140.25]],
  count: 4,
  share: 0.5,
  source: { name: 'NHK' },
  note: 'a\nb',
  more: { a: 'b' },
}

function form() {
  const [one, ...more] = formsOf(DOCUMENT)
  assert.ok(one)
  assert.deepEqual(more, [])
  return one
}

const complaints = (ask: Struct, words: Fields) =>
  Object.fromEntries(written(ask, words, 'JPN').wrong.map(({ at, key }) => [at, key]))

test('a command has the form that the document describes, and nothing else has one', () => {
  const { path, persons, roles, confirm, ask } = form()
  assert.deepEqual([path, persons, roles, confirm], ['region/report-incident', 2, ['analyst'], 'Is this real?'])
  assert.deepEqual(
    ask.fields.map(({ shape }) => (shape.is === 'maybe' ? `maybe ${shape.of.is}` : shape.is)),
    ['const', 'text', 'text', 'moment', 'maybe date', 'boolean', 'choice', 'label', 'list', 'number', 'maybe number', 'maybe struct', 'text', 'json'],
  )
})

test('what stands in a form is sent as it was', () => {
  const { ask } = form()
  assert.deepEqual(written(ask, typed(ask, WHOLE) as Fields, 'JPN'), { json: WHOLE, wrong: [] })
})

test('what nobody has chosen is not chosen for them; what may stay empty is not sent', () => {
  const { ask } = form()
  const words = blank(ask) as Fields
  assert.deepEqual(complaints(ask, words), {
    alert: 'form.wrong.needed',
    title: 'form.wrong.needed',
    at: 'form.wrong.needed',
    sure: 'form.wrong.needed',
    grade: 'form.wrong.needed',
    label: 'form.wrong.label',
    'where.0.lat_deg': 'form.wrong.needed',
    'where.0.lon_deg': 'form.wrong.needed',
  })
  const { json } = written(ask, words, 'JPN')
  assert.deepEqual(
    Object.keys(json as object).filter((name) => ['day', 'share', 'source', 'note', 'count', 'more'].includes(name)),
    ['count', 'more'],
  )
})

test('what does not fit is said field by field, and our own house always is among the told', () => {
  const { ask } = form()
  const words = typed(ask, WHOLE) as Fields
  const off = (more: Fields) => complaints(ask, { ...words, ...more })
  assert.deepEqual(off({ alert: 'ab' }), { alert: 'form.wrong.record' })
  assert.deepEqual(off({ title: 'a' }), { title: 'form.wrong.short' })
  assert.deepEqual(off({ title: 'abcdef' }), { title: 'form.wrong.long' })
  assert.deepEqual(off({ count: '1.5' }), { count: 'form.wrong.whole' })
  assert.deepEqual(off({ count: '0' }), { count: 'form.wrong.least' })
  assert.deepEqual(off({ count: '' }), { count: 'form.wrong.needed' })
  assert.deepEqual(off({ share: '0' }), { share: 'form.wrong.above' })
  assert.deepEqual(off({ share: 'half' }), { share: 'form.wrong.number' })
  assert.deepEqual(off({ at: '2022-02-30 08:30' }), { at: 'form.wrong.moment' })
  assert.deepEqual(off({ day: '4 October' }), { day: 'form.wrong.date' })
  assert.deepEqual(written(ask, { ...words, at: '2022-10-03 22:27' }, 'JPN').json, WHOLE)
  assert.deepEqual(off({ more: '{' }), { more: 'form.wrong.json' })
  assert.deepEqual(off({ where: [] }), { where: 'form.wrong.few' })
  assert.deepEqual(off({ where: [{ lat_deg: '91', lon_deg: '0' }] }), { 'where.0.lat_deg': 'form.wrong.most' })
  const label = { classification: 'SECRET', to: [], caveats: 'B, A, B' }
  const { json } = written(ask, { ...words, label }, 'KOR')
  assert.deepEqual((json as { label: Json }).label, { classification: 'SECRET', rel_to: ['KOR'], caveats: ['A', 'B'] })
})

test('a refusal stands beside the fields that it names, as far as the form has them', () => {
  const { ask } = form()
  const words = typed(ask, WHOLE) as Fields
  const beside = (facts: Record<string, string>) => Object.fromEntries(refusedAt(ask, words, facts))
  assert.deepEqual(beside({ field: 'title', must_be: 'a title' }), { title: 'Must be a title.' })
  assert.deepEqual(beside({ field: 'label.rel_to, day', must: 'be there' }), { label: 'Must be there.', day: 'Must be there.' })
  const why = 'Expected `float` <= 90.0 - at `$.where[0][1]`'
  assert.deepEqual(beside({ why }), { 'where.0.lon_deg': why })
  assert.deepEqual(Object.keys(beside({ field: 'where.lat_deg' })), ['where'])
  assert.deepEqual(Object.keys(beside({ field: 'where.7' })), ['where'])
  assert.deepEqual(Object.keys(beside({ field: 'source.name' })), ['source.name'])
  assert.deepEqual(beside({ field: 'type' }), {})
  assert.deepEqual(beside({ field: 'Ask-Id', must_be: 'short' }), {})
  assert.deepEqual(beside({}), {})
})

test('beside a field stand its unit and its bounds, and whether it may stay empty', () => {
  const { ask } = form()
  const hints = Object.fromEntries(ask.fields.map((field) => [field.name, hint(field.name, field.shape, !mayStayEmpty(field))]))
  assert.deepEqual(hints, {
    type: 'may stay empty',
    alert: 'id of a record: 64 digits and letters a to f',
    title: '2 to 5 characters',
    at: 'UTC, such as 2026-11-22 08:30',
    day: 'may stay empty · such as 2026-11-22',
    sure: '',
    grade: '',
    label: '',
    where: '1 to 2',
    count: '1 or more',
    share: 'may stay empty · 1 at most · more than 0',
    source: 'may stay empty',
    note: 'may stay empty',
    more: 'JSON',
  })
  assert.equal(hint('within_m', ask.fields[9]?.shape ?? { is: 'json' }, true), 'in metres · 1 or more')
})
