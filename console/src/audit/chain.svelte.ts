import { whyNot } from '../ask.ts'
import type { ChainChecked } from './audit.ts'
import { looked } from './lines.svelte.ts'

/** The chain made again, a stretch at a time, by asking the node for each. */
export class Chain {
  checked = $state.raw<ChainChecked | null>(null)
  busy = $state(false)
  trouble = $state('')
  /** When it was done, by the node's clock. */
  done_ms = $state<number | null>(null)

  #left = false

  /** From the first line, or from where an answer failed to come. */
  async check(now_ms: () => number) {
    if (this.busy) return
    if (this.checked?.done) this.checked = null
    this.busy = true
    this.trouble = ''
    this.done_ms = null
    try {
      while (!this.#left && !this.checked?.done) {
        const { line, chain } = this.checked ?? { line: 0, chain: '' }
        this.checked = await looked<ChainChecked>(`audit/check?${new URLSearchParams({ after: String(line), chain })}`)
      }
      this.done_ms = now_ms()
    } catch (error) {
      this.trouble = whyNot(error)
    } finally {
      this.busy = false
    }
  }

  leave() {
    this.#left = true
  }
}
