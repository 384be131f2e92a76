/** What the node itself says, in the language that the page speaks. */
import { spoken } from './language.svelte.ts'
import { stopped, tell } from './told/tell.ts'

/** A sentence of the node, and in which language it stands here: as it came, when there are no other words for it. */
export interface Told {
  readonly words: string
  readonly lang: string
}

/** A sentence of `area`: the tables of that name in `told/ja` and `told/ko` have it. */
export function told(area: string, words: string): Told {
  const said = tell(spoken.told, area, words)
  return said === null ? { words, lang: 'en' } : { words: said, lang: spoken.language }
}

/** The same where no language can be marked, such as in a name that is read to a screen reader. */
export function toldWords(area: string, words: string): string {
  return told(area, words).words
}

/** The facts of a refusal that are sentences. The others are shown as they were typed. */
const SENTENCES: ReadonlySet<string> = new Set(['because', 'must', 'must_be', 'needs', 'why'])

/** What a refusal says, with its facts and what to do. */
export function refusal(says: string, facts: Readonly<Record<string, string>>, remedy: string): string {
  const each = Object.entries(facts).map(
    ([name, value]) => `${toldWords('names', name)}: ${SENTENCES.has(name) ? toldWords('facts', value) : value}`,
  )
  const inside = each.length > 0 ? ` (${each.join(', ')})` : ''
  return `${stopped(toldWords('refusals', says) + inside)} ${stopped(toldWords('refusals', remedy))}`
}
