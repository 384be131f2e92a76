/** Asking the node for something. Looking needs the stream alone. */
import type { Asks, Mistake, Said } from './api.ts'
import { t } from './strings.ts'
import { refusal } from './told.ts'

export type { Said } from './api.ts'

/** The node's own words, which say what to do, in the language that the page speaks. */
export class Refused extends Error {
  /** The error's name, for what the page itself must decide by. */
  readonly error: string
  readonly facts: Readonly<Record<string, string>>

  constructor({ error, says, facts, remedy }: Mistake) {
    super(refusal(says, facts, remedy))
    this.error = error
    this.facts = facts
  }
}

/** Why something was not said, in words: the node's own, or that it does not answer. */
export function whyNot(error: unknown): string {
  return error instanceof Refused ? error.message : t('ask.nobody')
}

/** A name for one ask: under the same name nothing is said twice, however often it is sent. */
export function newAskId(): string {
  const dice = crypto.getRandomValues(new Uint8Array(12))
  return `console:${Array.from(dice, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** An ask as a form has it: what is chosen from a list is text there, and null before. The node judges both. */
export type AsTyped<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends readonly (infer One)[]
      ? readonly AsTyped<One>[]
      : T extends object
        ? { readonly [Name in keyof T]: AsTyped<T[Name]> | null }
        : T

/** Says `body` at `path`, such as `office/approve`. Throws Refused, or what `fetch` throws when nobody answers. */
export async function ask<Path extends keyof Asks>(path: Path, body: AsTyped<Asks[Path]>, askId = newAskId()): Promise<Said> {
  return send<Said>(path, body, { 'Ask-Id': askId })
}

/** Posts `body` and answers with what `read` makes of what comes back. The header is one that no other site's page can send. */
export async function send<T>(
  path: string,
  body: unknown = {},
  more: Record<string, string> = {},
  read: (answer: Response) => Promise<unknown> = (answer) => answer.json(),
): Promise<T> {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Laurel-Console': '1', ...more },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Refused((await answer.json()) as Mistake)
  return (await read(answer)) as T
}
