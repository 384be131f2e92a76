import { en } from './words/en/index.ts'
import type { Words } from './words/entry.ts'

export const LANGUAGES = ['en', 'ja', 'ko'] as const
export type Language = (typeof LANGUAGES)[number]

const KEPT = 'laurel-language'
// English is there at once; the others come when they are wanted.
const WORDS: Readonly<Record<Language, () => Promise<Partial<Words>>>> = {
  en: () => Promise.resolve(en),
  ja: async () => (await import('./words/ja/index.ts')).ja,
  ko: async () => (await import('./words/ko/index.ts')).ko,
}

export function isLanguage(name: string | null | undefined): name is Language {
  return LANGUAGES.some((one) => one === name)
}

/** The language that this page speaks. What reads it is said anew when it changes. */
class Spoken {
  language = $state<Language>('en')
  words = $state.raw<Words>(en)
  plural = $derived(new Intl.PluralRules(this.language))

  /** Speak it from now on, here and when this browser comes again. */
  async choose(language: Language) {
    this.words = { ...en, ...(await WORDS[language]()) }
    this.language = language
    document.documentElement.lang = language
    window.localStorage.setItem(KEPT, language)
  }

  /** What this browser was set to here, or else what it is set to everywhere. */
  get wanted(): Language {
    const kept = window.localStorage.getItem(KEPT)
    if (isLanguage(kept)) return kept
    const [set] = window.navigator.language.split('-')
    return isLanguage(set) ? set : 'en'
  }
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
