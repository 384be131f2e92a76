import type { Asks } from '../api.ts'
import { type AsTyped, Refused, type Said, ask, newAskId, whyNot } from '../ask.ts'
import type { About } from '../picture.ts'
import { draftName, read, shelf } from './shelf.ts'

/** What an officer types in one form. It outlives a reload, a lost node and the end of a session, until it is said or discarded. */
export class Draft<T extends object> {
  words: T
  /** Why it was not said, in words. */
  refused = $state('')
  /** What the node named in refusing it, such as the field. */
  facts = $state.raw<Refused['facts']>({})
  busy = $state(false)
  /** Seconds since somebody typed in what lay here when the form was opened; null when nothing did. */
  found_s = $state<number | null>(null)
  /** Whether the browser keeps it: otherwise it lasts as long as this page. */
  kept = $state(true)

  readonly #name: string
  #blank: string
  #text: string
  #ask_id = newAskId()

  /** Made while its component is. `form` names it among all forms; `blank` is what nobody has typed in yet. */
  constructor({ world, officer }: About, form: string, blank: T) {
    this.#name = draftName(world, officer ?? '', form)
    this.#blank = this.#text = JSON.stringify(blank)
    this.words = $state(blank)
    this.#take(shelf.text(this.#name))
    $effect(() => this.#keep(JSON.stringify(this.words)))
    $effect(() => {
      const heard = ({ key, newValue }: StorageEvent) => key === this.#name && this.#follow(newValue)
      window.addEventListener('storage', heard)
      return () => window.removeEventListener('storage', heard)
    })
  }

  /** Whether somebody has typed. */
  get begun(): boolean {
    return JSON.stringify(this.words) !== this.#blank
  }

  /** What the form begins with, once the node has filled it in. What somebody typed stays. */
  begin(blank: T) {
    const begun = this.begun
    this.#blank = JSON.stringify(blank)
    if (!begun) this.words = blank
  }

  /** Says it, and drops it when it was said. Null where it was not: `refused` tells why. */
  async say<Path extends keyof Asks>(path: Path, body: AsTyped<Asks[Path]>): Promise<Said | null> {
    if (this.busy) return null
    this.busy = true
    this.#unrefuse()
    const text = JSON.stringify(this.words)
    // Whoever comes back to it after a lost answer says it under the same name.
    this.#put(text)
    try {
      const said = await ask(path, body, this.#ask_id)
      // What was typed while it was under way is not said yet.
      if (JSON.stringify(this.words) === text) this.discard()
      else this.#anew()
      return said
    } catch (error) {
      this.refused = whyNot(error)
      if (error instanceof Refused) this.facts = error.facts
      // It was said already, and has been changed since: what stands here now is something else.
      if (error instanceof Refused && error.error === 'AskReused') this.#anew()
      return null
    } finally {
      this.busy = false
    }
  }

  discard() {
    shelf.drop(this.#name)
    this.#clear()
  }

  #clear() {
    this.#ask_id = newAskId()
    this.#text = this.#blank
    this.words = JSON.parse(this.#blank) as T
    this.found_s = null
    this.#unrefuse()
  }

  #unrefuse() {
    this.refused = ''
    this.facts = {}
  }

  /** What stands here now is said under a name of its own. */
  #anew() {
    this.#ask_id = newAskId()
    this.#put(JSON.stringify(this.words))
  }

  #keep(text: string) {
    if (text === this.#text) return
    if (text === this.#blank) {
      this.#text = text
      shelf.drop(this.#name)
    } else this.#put(text)
  }

  #put(text: string) {
    this.#text = text
    this.kept = shelf.put(this.#name, `{"ask_id":"${this.#ask_id}","at_ms":${Date.now()},"words":${text}}`)
  }

  /** Another window of this officer typed in the same form, said it or discarded it. */
  #follow(text: string | null) {
    if (text === null) this.#clear()
    else this.#take(text)
  }

  #take(text: string | null) {
    const kept = read(text)
    if (kept === null) return
    this.#ask_id = kept.ask_id
    this.found_s = Math.max(0, (Date.now() - kept.at_ms) / 1000)
    this.words = { ...(JSON.parse(this.#blank) as T), ...(kept.words as Partial<T>) }
    this.#text = JSON.stringify(this.words)
  }
}
