import type { Answers } from './api.ts'
import { Refused } from './ask.ts'

/** No oftener than this, however fast the log grows. */
const LOOK_EVERY_MS = 900

/** An address with its blanks filled in. */
type Filled<Path extends string> = Path extends `${infer Before}{${string}}${infer After}` ? `${Before}${string}${Filled<After>}` : Path

/** What a query answers, asked again when the stream says that something changed. */
export class Look<Path extends keyof Answers> {
  answer = $state.raw<Answers[Path] | null>(null)
  /** Why there is no answer, in the node's words. */
  trouble = $state('')
  /** The name of that refusal. */
  error = $state('')

  #path = ''
  #text = ''
  #looked_ms = -LOOK_EVERY_MS
  #waiting = 0

  /** Asks soon. Another `path` than before is asked at once, and what the last one said is gone. */
  at(path: Filled<Path> | `${Filled<Path>}?${string}`) {
    if (path !== this.#path) {
      this.#path = path
      this.#text = ''
      this.answer = null
      this.trouble = this.error = ''
      this.#looked_ms = -LOOK_EVERY_MS
      window.clearTimeout(this.#waiting)
      this.#waiting = 0
    }
    if (this.#waiting) return
    const wait_ms = Math.max(0, this.#looked_ms + LOOK_EVERY_MS - performance.now())
    this.#waiting = window.setTimeout(() => void this.#look(path), wait_ms)
  }

  /** Asks now and again `each_ms` after, until what it gives back is called. */
  every(each_ms: number, path: Filled<Path> | `${Filled<Path>}?${string}`): () => void {
    this.at(path)
    const asking = window.setInterval(() => this.at(path), each_ms)
    return () => {
      window.clearInterval(asking)
      this.leave()
    }
  }

  leave() {
    window.clearTimeout(this.#waiting)
    this.#waiting = 0
    this.#path = ''
  }

  async #look(path: string) {
    this.#waiting = 0
    this.#looked_ms = performance.now()
    try {
      const answer = await fetch(path, { cache: 'no-store' })
      const text = await answer.text()
      if (path !== this.#path || text === this.#text) return
      if (!answer.ok) throw new Refused(JSON.parse(text) as ConstructorParameters<typeof Refused>[0])
      this.#text = text
      this.trouble = this.error = ''
      this.answer = JSON.parse(text) as Answers[Path]
    } catch (error) {
      // What was seen stays; without a node the frame says how old it is.
      if (path !== this.#path || !(error instanceof Refused)) return
      this.trouble = error.message
      this.error = error.error
    }
  }
}
