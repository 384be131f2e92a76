import type { Key } from './en/index.ts'

/** Words that a number chooses between. */
export interface Counted {
  readonly one: string
  readonly other: string
}

export type Entry = string | Counted

/** Every word on the page in one language. Where a language has no plural, one string stands for both. */
export type Words = Readonly<Record<Key, Entry>>
