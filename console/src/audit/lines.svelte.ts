import { Refused, whyNot } from '../ask.ts'
import type { Line, AuditPage } from './audit.ts'

const AT_ONCE = 200

/** What went wrong with an answer: the node's own refusal, or that nobody answers. */
export async function looked<T>(path: string): Promise<T> {
  const answer = await fetch(path, { cache: 'no-store' })
  const body: unknown = await answer.json()
  if (!answer.ok) throw new Refused(body as ConstructorParameters<typeof Refused>[0])
  return body as T
}

/** The lines that match, the newest first. Older ones are asked for as somebody comes to them. */
export class Lines {
  lines = $state.raw<readonly Line[]>([])
  kinds = $state.raw<Readonly<Record<string, string>>>({})
  /** When the oldest line was written that was looked at. */
  looked_to = $state<string | null>(null)
  /** Nothing older matches. */
  ended = $state(false)
  busy = $state(false)
  trouble = $state('')
  /** Only auditors may look. */
  denied = $state(false)

  #query = ''
  #before: number | null = null
  #turn = 0

  /** What is looked for from now on. */
  open(query: string) {
    this.#query = query
    this.#before = null
    this.#turn += 1
    this.lines = []
    this.kinds = {}
    this.looked_to = null
    this.ended = this.busy = this.denied = false
    void this.more()
  }

  /** The next older ones: as many as the node gives at once, or all there are. */
  async more() {
    if (this.busy || this.ended || this.denied) return
    this.busy = true
    const turn = this.#turn
    const wanted = this.lines.length + AT_ONCE
    try {
      while (turn === this.#turn && !this.ended && this.lines.length < wanted) await this.#next(turn)
      if (turn === this.#turn) this.trouble = ''
    } catch (error) {
      if (turn !== this.#turn) return
      this.denied = error instanceof Refused && error.error === 'NotPermitted'
      this.trouble = whyNot(error)
    } finally {
      if (turn === this.#turn) this.busy = false
    }
  }

  /** A node looks through a part of a long audit at once, and says how far it came. */
  async #next(turn: number) {
    const asked = new URLSearchParams(this.#query)
    asked.set('limit', String(AT_ONCE))
    if (this.#before !== null) asked.set('before', String(this.#before))
    const page = await looked<AuditPage>(`audit?${asked}`)
    if (turn !== this.#turn) return
    this.lines = [...this.lines, ...page.lines.toReversed()]
    this.kinds = { ...this.kinds, ...page.kinds }
    this.looked_to = page.looked_to
    this.#before = page.before
    this.ended = page.before === null
  }
}
