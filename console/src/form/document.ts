/** What the node says can be asked here, and how a command is named on the page. */
import { spoken } from '../language.svelte.ts'
import { capital } from '../say.ts'
import { known, t } from '../strings.ts'
import { type Told, told } from '../told.ts'
import { withoutUnit } from './hints.ts'
import { type Form, formsOf, type OpenApi, type Struct } from './schema.ts'

let kept: Promise<readonly Form[]> | null = null

/** A form for each command, from the node's own OpenAPI document: asked once for as long as the page is open. Throws
 * what `fetch` throws when nobody answers, and SyntaxError where a node says nothing of it. */
export function forms(): Promise<readonly Form[]> {
  kept ??= look().catch((error: unknown) => {
    kept = null
    throw error
  })
  return kept
}

async function look(): Promise<readonly Form[]> {
  const answer = await fetch('/schema/openapi.json')
  if (!answer.ok) throw new SyntaxError(`no document: ${answer.status}`)
  return formsOf((await answer.json()) as OpenApi)
}

/** `acknowledge-alert`: Acknowledge alert. */
export function commandName(name: string): Told {
  const words = name.replaceAll('-', ' ')
  return named('commands', words, capital(words))
}

/** What a command is for. Between backticks it names fields, and what is typed in a terminal. */
export const saysOf = ({ says }: Struct): Told => told('asks', says.replaceAll(/\s+/g, ' ').trim())

/** `watch-officer`: watch officer. */
export const roleName = (role: string): string => named('offices', role, role.replaceAll('-', ' ')).words

/** Whose commands they are. */
export function instrumentName(instrument: string): string {
  const key = [`room.${instrument}`, `form.of.${instrument}`].find(known)
  return key === undefined ? capital(instrument) : t(key as Parameters<typeof t>[0])
}

/** A field by its name, without its unit; one of a list by its number. */
export function fieldName(name: string): Told {
  return /^\d+$/.test(name)
    ? { words: name, lang: spoken.language }
    : named('fields', name, capital(withoutUnit(name).replaceAll('_', ' ')))
}

function named(area: string, name: string, english: string): Told {
  const said = told(area, name)
  return said.lang === 'en' ? { words: english, lang: 'en' } : said
}
