/** Beside which fields of a form a refusal stands. */
import { t } from '../strings.ts'
import { toldWords } from '../told.ts'
import { type Fields, isPlain, type Shape, type Struct, type Typed } from './schema.ts'

/** Where msgspec says that it stumbled: `$.where[0].lat_deg`. */
const STUMBLED = /`\$\.?([^`]*)`/

/** What the node said against each field that it named, by where it stands in the form. One that is not there has no place. */
export function refusedAt(ask: Struct, words: Fields, facts: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const named = facts['field'] ?? STUMBLED.exec(facts['why'] ?? '')?.[1] ?? ''
  const says = complaint(facts)
  const places = named.split(',').map((one) => place(ask, words, one.trim().replace(/\[(\d+)\]/g, '.$1').split('.')))
  return new Map(places.filter((at) => at.length > 0).map((at) => [at.join('.'), says]))
}

function complaint({ must_be, must, why }: Readonly<Record<string, string>>): string {
  if (must_be !== undefined) return t('form.wrong.must-be', { must: toldWords('facts', must_be) })
  if (must !== undefined) return t('form.wrong.must', { must: toldWords('facts', must) })
  return why === undefined ? t('form.wrong.refused') : toldWords('facts', why)
}

/** As far as the form has fields on the way. */
function place(shape: Shape, value: Typed, [first, ...rest]: readonly string[]): readonly string[] {
  if (first === undefined) return []
  if (shape.is === 'maybe') return value === null || isPlain(shape.of) ? [] : place(shape.of, value, [first, ...rest])
  if (shape.is === 'list') {
    const item = (value as Typed[])[Number(first)]
    return item === undefined ? [] : [first, ...place(shape.of, item, rest)]
  }
  if (shape.is !== 'struct') return []
  const field = shape.fields.find(({ name }, n) => name === first || (shape.row && String(n) === first))
  if (!field || field.shape.is === 'const') return []
  return [field.name, ...place(field.shape, (value as Fields)[field.name] ?? null, rest)]
}
