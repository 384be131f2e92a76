import type { Standing } from '../officer.svelte.ts'

/** What the windows of one officer in one world tell each other. */
export type Word =
  | { readonly is: 'here'; readonly window: string; readonly audible: boolean }
  | { readonly is: 'gone'; readonly window: string }
  | { readonly is: 'looks'; readonly track: string | null; readonly room: string; readonly id: string | null }
  | { readonly is: 'muted'; readonly left_s: number }
  /** Null: signed out. */
  | { readonly is: 'session'; readonly standing: Standing | null }

export interface Other {
  readonly window: string
  /** Its browser lets it sound. */
  readonly audible: boolean
  readonly heard_s: number
}

const HERE_EVERY_MS = 1_000
/** A hidden window may be late; one that is closed says so. */
const GONE_AFTER_S = 4

/** The window that sounds for all: of those that can, the first by name. */
export function sounds(own: string, audible: boolean, others: readonly Other[]): boolean {
  return audible && !others.some((one) => one.audible && one.window < own)
}

/** Windows on two screens stay in step: each keeps its room, all look at the same. */
export class Step {
  /** This window follows the others, and they it. */
  together = $state(true)
  others = $state.raw<readonly Other[]>([])
  onlooks: (word: Extract<Word, { is: 'looks' }>) => void = () => undefined
  onmuted: (left_s: number) => void = () => undefined
  onsession: (standing: Standing | null) => void = () => undefined
  /** The browser lets this window sound. */
  audible: () => boolean = () => true

  readonly #own = crypto.getRandomValues(new Uint32Array(2)).join('-')
  #channel: BroadcastChannel | null = null

  get isSounding(): boolean {
    return sounds(this.#own, this.audible(), this.others)
  }

  /** No window of this officer makes a sound. */
  get isSilent(): boolean {
    return !this.audible() && !this.others.some(({ audible }) => audible)
  }

  /** Joins the windows of this world. Returns how to leave them. */
  start(world: string): () => void {
    const channel = new BroadcastChannel(`laurel:${world}`)
    this.#channel = channel
    channel.onmessage = ({ data }: MessageEvent<Word>) => this.#hear(data)
    const beating = window.setInterval(() => this.#beat(), HERE_EVERY_MS)
    const leave = () => this.#tell({ is: 'gone', window: this.#own })
    window.addEventListener('pagehide', leave)
    this.#beat()
    return () => {
      window.clearInterval(beating)
      window.removeEventListener('pagehide', leave)
      leave()
      channel.close()
      this.#channel = null
    }
  }

  looks(track: string | null, room: string, id: string | null) {
    if (this.together) this.#tell({ is: 'looks', track, room, id })
  }

  muted(left_s: number) {
    this.#tell({ is: 'muted', left_s })
  }

  session(standing: Standing | null) {
    // Plain: what is stored in a rune does not travel.
    this.#tell({ is: 'session', standing: standing && { officer: standing.officer, locked: standing.locked } })
  }

  #tell(word: Word) {
    this.#channel?.postMessage(word)
  }

  #beat() {
    const now_s = performance.now() / 1000
    const still = this.others.filter(({ heard_s }) => now_s - heard_s < GONE_AFTER_S)
    if (still.length < this.others.length) this.others = still
    this.#tell({ is: 'here', window: this.#own, audible: this.audible() })
  }

  #hear(word: Word) {
    switch (word.is) {
      case 'here': {
        const { window, audible } = word
        const known = this.others.some((one) => one.window === window)
        const rest = this.others.filter((one) => one.window !== window)
        this.others = [...rest, { window, audible, heard_s: performance.now() / 1000 }]
        // Who has just come hears of this one at once.
        if (!known) this.#tell({ is: 'here', window: this.#own, audible: this.audible() })
        break
      }
      case 'gone':
        this.others = this.others.filter(({ window }) => window !== word.window)
        break
      case 'looks':
        if (this.together) this.onlooks(word)
        break
      case 'muted':
        this.onmuted(word.left_s)
        break
      case 'session':
        this.onsession(word.standing)
        break
    }
  }
}
