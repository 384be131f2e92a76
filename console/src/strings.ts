/** How the page says things: `t` fills in the words of the language that is spoken. */
import { spoken } from './language.svelte.ts'
import { en, type Key } from './words/en/index.ts'
import type { Entry } from './words/entry.ts'

export type { Key }
export type Values = Readonly<Record<string, string | number>>

/** The words of `key`, with `values` filled in. */
export function t(key: Key, values: Values = {}): string {
  const entry: Entry = spoken.words[key]
  const words =
    typeof entry === 'string' ? entry : spoken.plural.select(Number(values['n'])) === 'one' ? entry.one : entry.other
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => apart(String(values[name] ?? whole)))
}

/** Letters read from the right, and signs that turn the writing round. */
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]/
const SIGNS = /[\u202a-\u202e\u2066-\u2069]/g

/** What is filled in stands apart in its own direction: it turns none of our words round. */
export function apart(value: string): string {
  return TURNS.test(value) ? `\u2068${value.replace(SIGNS, '')}\u2069` : value
}

/** True when there are words for it: what a node says freely is shown as it stands otherwise. */
export function known(key: string): key is Key {
  return Object.hasOwn(en, key)
}
