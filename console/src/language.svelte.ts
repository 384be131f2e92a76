import { en } from './words/en/index.ts'
import type { Words } from './words/entry.ts'

/** In which people write to each other here. */
export const LANGUAGES = ['en', 'ja', 'ko'] as const
export type Language = (typeof LANGUAGES)[number]

/** The language that this page speaks. What reads it is said anew when it changes. */
class Spoken {
  language = $state<Language>('en')
  words = $state.raw<Words>(en)
  plural = $derived(new Intl.PluralRules(this.language))
}

export const spoken = new Spoken()

/** How dates are said in the language that is spoken: one formatter is kept for each. */
export function formatter(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  const made = new Map<Language, Intl.DateTimeFormat>()
  return () => {
    const { language } = spoken
    const one = made.get(language) ?? new Intl.DateTimeFormat(language, options)
    made.set(language, one)
    return one
  }
}
