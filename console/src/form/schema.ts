/** The forms of all commands, from the node's OpenAPI document: what is asked, what is typed, what is sent. */
import type { Key, Values } from '../strings.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** What stands in a field before it is sent: text wherever somebody types or chooses one of several. */
export type Typed = string | null | Typed[] | { [name: string]: Typed }
export type Fields = Record<string, Typed>

export interface Field {
  readonly name: string
  readonly needed: boolean
  /** What the node takes where nothing is sent. */
  readonly fallback?: Json
  readonly shape: Shape
}

export interface Text {
  readonly is: 'text'
  readonly min: number
  readonly max: number | null
  readonly pattern: string | null
  readonly base64: boolean
}

export interface Count {
  readonly is: 'number'
  readonly whole: boolean
  readonly least: number | null
  readonly most: number | null
  readonly above: number | null
  readonly below: number | null
}

export interface Struct {
  readonly is: 'struct'
  readonly says: string
  readonly fields: readonly Field[]
  /** Sent as an array, its fields by their places. */
  readonly row: boolean
}

export interface List {
  readonly is: 'list'
  readonly of: Shape
  readonly min: number
  readonly max: number | null
}

export type Shape =
  | Text
  | Count
  | Struct
  | List
  | { readonly is: 'boolean' | 'moment' | 'date' | 'label' | 'json' }
  | { readonly is: 'choice'; readonly of: readonly (string | number)[] }
  | { readonly is: 'const'; readonly of: Json }
  /** May be null: a plain one by staying empty. */
  | { readonly is: 'maybe'; readonly of: Shape }

/** One command: its address, what it asks, and what its door says of it. */
export interface Form {
  readonly path: string
  readonly instrument: string
  readonly name: string
  readonly ask: Struct
  readonly persons: number
  readonly roles: readonly string[]
  /** What a person must read in this world before it is done. */
  readonly confirm: string | null
}

/** What is wrong with a field, in words. */
export interface Wrong {
  readonly at: string
  readonly key: Key
  readonly values: Values
}

interface Schema {
  readonly $ref?: string
  readonly allOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly default?: Json
  readonly const?: Json
  readonly enum?: readonly (string | number)[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly prefixItems?: readonly Schema[]
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly additionalProperties?: boolean | Schema
  readonly contentEncoding?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly 'x-persons'?: number
  readonly 'x-roles'?: readonly string[]
  readonly 'x-confirm'?: string
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, { readonly post?: Operation }>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

type Named = OpenApi['components']['schemas']

const REF = '#/components/schemas/'

/** A form for every command in the document, in its order. */
export function formsOf({ paths, components }: OpenApi): readonly Form[] {
  return Object.entries(paths).flatMap(([address, { post }]) => {
    const schema = post?.requestBody?.content['application/json']?.schema
    if (post?.['x-persons'] === undefined || !schema) return []
    const ask = shapeOf(schema, components.schemas)
    const [instrument = '', name = ''] = address.split('/').slice(-2)
    if (ask.is !== 'struct') return []
    const { 'x-persons': persons, 'x-roles': roles = [], 'x-confirm': confirm = null } = post
    return [{ path: `${instrument}/${name}`, instrument, name, ask, persons, roles, confirm }]
  })
}

/** What fits a schema. One inside itself, and what has no fields of its own, is typed as JSON. */
export function shapeOf(schema: Schema, named: Named, within: readonly string[] = []): Shape {
  const inner = (one: Schema) => shapeOf(one, named, within)
  const name = schema.$ref?.slice(REF.length)
  if (name !== undefined) {
    const found = named[name]
    if (name === 'Label') return { is: 'label' }
    return found && !within.includes(name) ? shapeOf(found, named, [...within, name]) : { is: 'json' }
  }
  if (schema.allOf?.length === 1 && schema.allOf[0]) return inner(schema.allOf[0])
  if (schema.oneOf) {
    const some = schema.oneOf.filter(({ type }) => type !== 'null')
    return some.length === 1 && some[0] ? { is: 'maybe', of: inner(some[0]) } : { is: 'json' }
  }
  if (schema.const !== undefined) return { is: 'const', of: schema.const }
  if (schema.enum) return { is: 'choice', of: schema.enum }
  const says = schema.description ?? ''
  if (schema.prefixItems) {
    const fields = schema.prefixItems.map((one, n) => {
      const needed = n < (schema.minItems ?? 0)
      return fieldOf(one.title ?? String(n + 1), one, needed, inner)
    })
    return { is: 'struct', says, fields, row: true }
  }
  if (schema.properties) {
    const needed = schema.required ?? []
    const fields = Object.entries(schema.properties).map(([of, one]) => fieldOf(of, one, needed.includes(of), inner))
    return { is: 'struct', says, fields, row: false }
  }
  return schema.items
    ? { is: 'list', of: inner(schema.items), min: schema.minItems ?? 0, max: schema.maxItems ?? null }
    : single(schema)
}

function fieldOf(name: string, schema: Schema, needed: boolean, inner: (one: Schema) => Shape): Field {
  const shape = inner(schema)
  return schema.default === undefined ? { name, needed, shape } : { name, needed, fallback: schema.default, shape }
}

function single(schema: Schema): Shape {
  switch (schema.type) {
    case 'boolean':
      return { is: 'boolean' }
    case 'integer':
    case 'number':
      return {
        is: 'number',
        whole: schema.type === 'integer',
        least: schema.minimum ?? null,
        most: schema.maximum ?? null,
        above: schema.exclusiveMinimum ?? null,
        below: schema.exclusiveMaximum ?? null,
      }
    case 'string':
      if (schema.format === 'date-time') return { is: 'moment' }
      if (schema.format === 'date') return { is: 'date' }
      return {
        is: 'text',
        min: schema.minLength ?? 0,
        max: schema.maxLength ?? null,
        pattern: schema.pattern ?? null,
        base64: schema.contentEncoding === 'base64',
      }
    default:
      return { is: 'json' }
  }
}

/** Whether it is typed in one field, which stays empty where it may be nothing. */
export function isPlain({ is }: Shape): boolean {
  return !['struct', 'list', 'label', 'maybe', 'const'].includes(is)
}

/** What stands there before anybody has typed. The node's defaults stand there to be seen. */
export function blank(shape: Shape): Typed {
  switch (shape.is) {
    case 'struct':
      return Object.fromEntries(
        shape.fields.map(({ name, fallback, shape: of }) => [name, fallback === undefined ? blank(of) : typed(of, fallback)]),
      )
    case 'list':
      return Array.from({ length: shape.min }, () => blank(shape.of))
    case 'label':
      return { classification: '', to: [], caveats: '' }
    case 'maybe':
      return isPlain(shape.of) ? '' : null
    case 'const':
      return null
    default:
      return ''
  }
}

/** How a value that fits `shape` stands in its form. */
export function typed(shape: Shape, value: Json): Typed {
  switch (shape.is) {
    case 'maybe':
      return value === null ? blank(shape) : typed(shape.of, value)
    case 'struct': {
      const part = ({ name }: Field, n: number) => (shape.row ? (value as readonly Json[])[n] : (value as Record<string, Json>)[name])
      const begun = blank(shape) as Fields
      return Object.fromEntries(
        shape.fields.map((field, n) => {
          const given = part(field, n)
          return [field.name, given === undefined ? (begun[field.name] ?? null) : typed(field.shape, given)]
        }),
      )
    }
    case 'list':
      return (value as readonly Json[]).map((one) => typed(shape.of, one))
    case 'label': {
      const { classification, rel_to, caveats } = value as Readonly<Record<string, Json>>
      return { classification: String(classification), to: [...(rel_to as string[])], caveats: ((caveats ?? []) as string[]).join(', ') }
    }
    case 'moment':
      return new Date(String(value)).toISOString().replace('T', ' ').replace(/(\.000)?Z$/, '')
    case 'json':
      return JSON.stringify(value)
    case 'const':
      return null
    default:
      return String(value)
  }
}
