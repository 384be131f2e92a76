import type { Tables } from './told/tell.ts'
import { en } from './words/en/index.ts'
import type { Words } from './words/entry.ts'

/** In which people write to each other here. */
export const LANGUAGES = ['en', 'ja', 'ko'] as const
export type Language = (typeof LANGUAGES)[number]

/** What each language calls itself: who cannot read the page finds it by this. */
export const OWN_NAMES: Readonly<Record<Language, string>> = { en: 'English', ja: '日本語', ko: '한국어' }

/** The page's own words, and how what the node says in English is said. */
interface Tongue {
  readonly words: Words
  readonly told: Tables
}

/** Words are fetched when they are first spoken, so that the first load carries English alone. */
const TONGUES: Readonly<Record<Language, () => Promise<Tongue>>> = {
  en: () => Promise.resolve({ words: en, told: {} }),
  ja: async () => {
    const [{ ja }, { told }] = await Promise.all([import('./words/ja/index.ts'), import('./told/ja/index.ts')])
    return { words: ja, told }
  },
  ko: async () => {
    const [{ ko }, { told }] = await Promise.all([import('./words/ko/index.ts'), import('./told/ko/index.ts')])
    return { words: ko, told }
  },
}

/** The words of every language that the page speaks: what is looked for is found in any of them. */
export const allWords = (): Promise<readonly Words[]> =>
  Promise.all(LANGUAGES.map(async (one) => (await TONGUES[one]()).words))

const KEPT = 'laurel.language'

/** The language that this page speaks. What reads it is said anew when it changes. */
class Spoken {
  language = $state<Language>('en')
  words = $state.raw<Words>(en)
  told = $state.raw<Tables>({})
  plural = $derived(new Intl.PluralRules(this.language))
  #wanted: Language = 'en'

  /** Speaks `language` as soon as its words are here. Raises when they cannot be had: what was spoken stays. */
  async speak(language: Language): Promise<void> {
    this.#wanted = language
    const { words, told } = await TONGUES[language]()
    // Another may have been chosen while these words were on their way.
    if (this.#wanted !== language) return
    this.words = words
    this.told = told
    this.language = language
    document.documentElement.lang = language
  }

  /** As the address, the officer or the browser wants it, now and whenever the address changes. */
  async begin(): Promise<void> {
    const follow = () =>
      this.speak(wanted(window.location.hash, window.localStorage.getItem(KEPT), window.navigator.languages))
    // English is always at hand, and says what is wrong with the line.
    window.addEventListener('hashchange', () => void follow().catch(() => undefined))
    await follow().catch(() => undefined)
  }

  /** What an officer chose: kept here for the next time, and in the address for who is given it. */
  async choose(language: Language): Promise<void> {
    await this.speak(language)
    window.localStorage.setItem(KEPT, language)
    const parts = new URLSearchParams(window.location.hash.slice(1))
    parts.set('lang', language)
    window.history.replaceState(window.history.state, '', `#${parts.toString()}`)
  }
}

export const spoken = new Spoken()

/** As the address says, else as it was chosen here last, else as the browser asks; English when we speak none of these. */
export function wanted(hash: string, kept: string | null, asked: readonly string[]): Language {
  const named = [new URLSearchParams(hash.slice(1)).get('lang') ?? '', kept ?? '', ...asked]
  for (const name of named) {
    const language = LANGUAGES.find((one) => one === name.split('-')[0])
    if (language) return language
  }
  return 'en'
}

/** What says something in the language that is spoken: one is kept for each, for making one takes long. */
export function inLanguage<T>(make: (language: Language) => T): () => T {
  const made = new Map<Language, T>()
  return () => {
    const { language } = spoken
    const one = made.get(language) ?? make(language)
    made.set(language, one)
    return one
  }
}

/** How dates are said in the language that is spoken. */
export const formatter = (options: Intl.DateTimeFormatOptions) =>
  inLanguage((language) => new Intl.DateTimeFormat(language, options))
