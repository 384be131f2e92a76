/** What is said beside a field before anything is wrong with it: its unit, its bounds, how it is written. */
import { exact } from '../say.ts'
import { type Key, t } from '../strings.ts'
import type { Count, List, Shape, Text } from './schema.ts'
import { isRecordId } from './written.ts'

/** Units as they end the names of fields. */
const UNITS: Readonly<Record<string, Key>> = {
  m: 'form.unit.m',
  s: 'form.unit.s',
  deg: 'form.unit.deg',
  rad: 'form.unit.rad',
  db: 'form.unit.db',
  pct: 'form.unit.pct',
  days: 'form.unit.days',
  months: 'form.unit.months',
}
const ENDS = new RegExp(`_(${Object.keys(UNITS).join('|')})$`)

/** `within_m`: within. The unit is said beside it. */
export const withoutUnit = (name: string): string => name.replace(ENDS, '')

/** Whether it must be filled in, and with what: `in metres · 0 or more`. */
export function hint(name: string, shape: Shape, needed: boolean): string {
  return [...(needed ? [] : [t('form.optional')]), ...within(name, shape)].join(' · ')
}

function within(name: string, shape: Shape): readonly string[] {
  switch (shape.is) {
    case 'maybe':
      return within(name, shape.of)
    case 'moment':
      return [t('form.hint.moment')]
    case 'date':
      return [t('form.hint.date')]
    case 'json':
      return ['JSON']
    case 'text':
      return ofText(shape)
    case 'number':
      return ofNumber(name, shape)
    case 'list':
      return ofList(shape)
    default:
      return []
  }
}

function ofText(shape: Text): readonly string[] {
  if (isRecordId(shape)) return [t('form.hint.record')]
  if (shape.base64) return ['Base64']
  const { min, max, pattern } = shape
  if (pattern !== null || max === null) return []
  return [min > 1 ? t('form.hint.characters', { least: exact(min), most: exact(max) }) : t('form.hint.longest', { n: exact(max) })]
}

function ofNumber(name: string, { least, most, above, below }: Count): readonly string[] {
  const unit = UNITS[ENDS.exec(name)?.[1] ?? '']
  const bounds: readonly (string | null)[] =
    least !== null && most !== null
      ? [t('form.hint.between', { least: exact(least), most: exact(most) })]
      : [
          least === null ? null : t('form.hint.least', { n: exact(least) }),
          most === null ? null : t('form.hint.most', { n: exact(most) }),
          above === null ? null : t('form.hint.above', { n: exact(above) }),
          below === null ? null : t('form.hint.below', { n: exact(below) }),
        ]
  return [unit === undefined ? null : t(unit), ...bounds].filter((one) => one !== null)
}

function ofList({ min, max }: List): readonly string[] {
  if (max === null) return min > 0 ? [t('form.hint.least', { n: exact(min) })] : []
  return [min > 0 ? t('form.hint.between', { least: exact(min), most: exact(max) }) : t('form.hint.most', { n: exact(max) })]
}
