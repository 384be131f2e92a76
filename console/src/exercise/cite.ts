/** Records that show what somebody saw: typed by their ids, or chosen from what is there. */
import type { Found, Item } from '../docket/docket.ts'
import { toldWords } from '../told.ts'

export interface Choice {
  readonly record: string
  readonly words: string
  readonly language: string | null
  /** Who said it; null where the list does not tell. */
  readonly origin: string | null
}

const RECORD = /^[0-9a-f]{64}$/

export const isRecord = (text: string): boolean => RECORD.test(text)

export const cited = (typed: string): readonly string[] => [...new Set(typed.split(/\s+/).filter(Boolean))]

/** What was typed and is no record's id. */
export const noRecords = (typed: string): readonly string[] => cited(typed).filter((one) => !isRecord(one))

/** With that record cited, or without it where it was. */
export function toggled(typed: string, record: string): string {
  const before = cited(typed)
  return (before.includes(record) ? before.filter((one) => one !== record) : [...before, record]).join(' ')
}

/** What waits for somebody now, each thing by the record that says it. */
export const open = (items: readonly Item[]): readonly Choice[] =>
  items.flatMap(({ subject, about, instrument, title }) => {
    const record = [subject, ...about].find(isRecord)
    return record === undefined ? [] : [{ record, words: toldWords(`docket.${instrument}`, title), language: null, origin: null }]
  })

/** What was said in the words that were looked for. */
export const found = (said: readonly Found[]): readonly Choice[] =>
  said.map(({ record, excerpt, language, origin }) => ({ record, words: excerpt, language, origin }))
