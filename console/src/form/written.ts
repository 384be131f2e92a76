/** What is typed in a form, as it is sent; and what is wrong with it, in words. */
import type { Key, Values } from '../strings.ts'
import { blank, type Count, type Field, type Fields, isPlain, type Json, type Shape, type Struct, type Text, type Typed, type Wrong } from './schema.ts'

const ID = '^[0-9a-f]{64}$'

/** Whether a text is the id of a record. */
export const isRecordId = ({ pattern }: Text): boolean => pattern === ID

export interface Written {
  readonly json: Json
  /** The first of each field, in the order of the form. */
  readonly wrong: readonly Wrong[]
}

type Complain = (at: string, key: Key, values?: Values) => null

/** All that is typed, as JSON. `own` is the member that says it: it always is among those who are told. */
export function written(ask: Struct, words: Fields, own: string): Written {
  const wrong: Wrong[] = []
  const complain: Complain = (at, key, values = {}) => {
    wrong.push({ at, key, values })
    return null
  }
  return { json: json(ask, words, '', own, complain) ?? null, wrong }
}

function json(shape: Shape, value: Typed, at: string, own: string, complain: Complain): Json {
  switch (shape.is) {
    case 'struct':
      return struct(shape, value as Fields, at, own, complain)
    case 'list': {
      const each = value as Typed[]
      if (each.length < shape.min) complain(at, 'form.wrong.few', { n: shape.min })
      if (shape.max !== null && each.length > shape.max) complain(at, 'form.wrong.many', { n: shape.max })
      return each.map((one, n) => json(shape.of, one, `${at}.${n}`, own, complain))
    }
    case 'label': {
      const { classification, to, caveats } = value as { classification: string; to: string[]; caveats: string }
      if (!classification) complain(at, 'form.wrong.label')
      const listed = caveats.split(',').map((one) => one.trim())
      return {
        classification,
        rel_to: [...new Set([...to, own])].sort(),
        caveats: [...new Set(listed.filter((one) => one !== ''))].sort(),
      }
    }
    case 'maybe':
      return value === null || (isPlain(shape.of) && value === '') ? null : json(shape.of, value, at, own, complain)
    case 'const':
      return shape.of
    default:
      return plain(shape, value as string, at, complain)
  }
}

/** A field that is empty and need not be filled in is not sent, or sent empty where the node would take something else. */
function struct(shape: Struct, value: Fields, at: string, own: string, complain: Complain): Json {
  const parts = shape.fields.flatMap((field): readonly (readonly [string, Json])[] => {
    const here = at === '' ? field.name : `${at}.${field.name}`
    const part = value[field.name] ?? blank(field.shape)
    if (isLeftOut(field, part) && !shape.row) return []
    return [[field.name, json(field.shape, part, here, own, complain)]]
  })
  return shape.row ? parts.map(([, part]) => part) : Object.fromEntries(parts)
}

function isLeftOut({ needed, fallback, shape }: Field, value: Typed): boolean {
  if (needed || shape.is === 'const' || JSON.stringify(value) !== JSON.stringify(blank(shape))) return false
  return isNothing(fallback)
}

/** Whether nobody has to write anything there. Where the node would take something else than nothing, they say what. */
export function mayStayEmpty({ needed, fallback, shape }: Field): boolean {
  return !needed && (isNothing(fallback) || !isPlain(shape))
}

const isNothing = (fallback: Json | undefined) => fallback === undefined || fallback === null || fallback === ''

function plain(shape: Shape, value: string, at: string, complain: Complain): Json {
  if (shape.is === 'text') return text(shape, value, at, complain)
  if (value.trim() === '') return complain(at, 'form.wrong.needed')
  switch (shape.is) {
    case 'number':
      return number(shape, value.trim(), at, complain)
    case 'boolean':
      return value === 'true'
    case 'choice':
      return shape.of.find((one) => String(one) === value) ?? complain(at, 'form.wrong.needed')
    case 'moment':
      return moment(value.trim()) ?? complain(at, 'form.wrong.moment')
    case 'date':
      return moment(`${value.trim()} 00:00`)?.slice(0, 10) ?? complain(at, 'form.wrong.date')
    case 'json':
      try {
        return JSON.parse(value) as Json
      } catch {
        return complain(at, 'form.wrong.json')
      }
    default:
      return value
  }
}

/** `2026-11-22 08:30`, with seconds or without: in UTC, as ISO 8601. Null where it is none. */
function moment(value: string): string | null {
  const [, day, minute, second = ':00'] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d(?:\.\d{1,6})?)?Z?$/.exec(value) ?? []
  const said = `${day}T${minute}${second}Z`
  // 30 February is no day: it would be read as one of March.
  const at = Date.parse(said)
  return day !== undefined && !Number.isNaN(at) && new Date(at).toISOString().startsWith(day) ? said : null
}

function text(shape: Text, value: string, at: string, complain: Complain): Json {
  const { min, max, pattern } = shape
  // As the node counts them: by characters, where JavaScript counts halves of some.
  const length = [...value].length
  if (length === 0 && (min > 0 || (pattern !== null && !fits(pattern, '')))) return complain(at, 'form.wrong.needed')
  if (length < min) return complain(at, 'form.wrong.short', { n: min })
  if (max !== null && length > max) return complain(at, 'form.wrong.long', { n: max, now: length })
  if (pattern !== null && !fits(pattern, value)) {
    if (shape.base64) return complain(at, 'form.wrong.base64')
    return isRecordId(shape) ? complain(at, 'form.wrong.record') : complain(at, 'form.wrong.pattern', { pattern })
  }
  return value
}

/** A pattern that only Python reads is the node's to judge. */
function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    return true
  }
}

function number({ whole, least, most, above, below }: Count, value: string, at: string, complain: Complain): Json {
  const found = Number(value)
  if (!Number.isFinite(found)) return complain(at, 'form.wrong.number')
  if (whole && !Number.isSafeInteger(found)) return complain(at, 'form.wrong.whole')
  if (least !== null && found < least) return complain(at, 'form.wrong.least', { n: least })
  if (most !== null && found > most) return complain(at, 'form.wrong.most', { n: most })
  if (above !== null && found <= above) return complain(at, 'form.wrong.above', { n: above })
  if (below !== null && found >= below) return complain(at, 'form.wrong.below', { n: below })
  return found
}
