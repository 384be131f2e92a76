/** What the node says can be asked here, and how a command is named on the page. */
import { capital } from '../say.ts'
import { known, t } from '../strings.ts'
import { type Told, told } from '../told.ts'
import { withoutUnit } from './hints.ts'
import { type Form, formsOf, type OpenApi } from './schema.ts'

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

/** `acknowledge-alert`: Acknowledge alert. Commands are named in English. */
export const commandName = (name: string): string => capital(name.replaceAll('-', ' '))

/** Whose commands they are. */
export function instrumentName(instrument: string): string {
  const key = [`room.${instrument}`, `form.of.${instrument}`].find(known)
  return key === undefined ? capital(instrument) : t(key as Parameters<typeof t>[0])
}

/** A field by its name, without its unit: as the node's refusals name it, or in English. */
export function fieldName(name: string): Told {
  const said = told('names', name)
  return said.lang === 'en' ? { words: capital(withoutUnit(name).replaceAll('_', ' ')), lang: 'en' } : said
}
