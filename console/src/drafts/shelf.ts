/** Where drafts lie: with the browser, so that they outlive a reload, or in this page alone where the browser keeps nothing. */

const PREFIX = 'laurel:draft:'
/** Nobody comes back to what lay untouched for longer. */
const KEEP_MS = 30 * 86_400_000

/** A draft as it lies there. Under its `ask_id` it is said once, however often somebody presses. */
export interface Kept<T> {
  readonly ask_id: string
  /** When it was last typed in, by this machine's clock. */
  readonly at_ms: number
  readonly words: T
}

/** Names of what lies in a storage, and their texts. `storage` throws where the browser forbids it. */
export class Shelf {
  readonly #storage: () => Storage
  readonly #memory = new Map<string, string>()

  constructor(storage: () => Storage) {
    this.#storage = storage
  }

  text(name: string): string | null {
    const here = this.#memory.get(name)
    return here ?? this.#try((storage) => storage.getItem(name)) ?? null
  }

  /** Whether the browser keeps it. What it refuses stays in this page. */
  put(name: string, text: string): boolean {
    const kept = this.#try((storage) => (storage.setItem(name, text), true)) ?? false
    if (kept) this.#memory.delete(name)
    else this.#memory.set(name, text)
    return kept
  }

  drop(name: string) {
    this.#memory.delete(name)
    this.#try((storage) => storage.removeItem(name))
  }

  /** Drops the drafts that are too old, and what no console can read. */
  sweep(now_ms: number) {
    const names = this.#try((storage) => Object.keys(storage)) ?? []
    for (const name of names.filter((one) => one.startsWith(PREFIX))) {
      const kept = read(this.text(name))
      if (kept === null || now_ms - kept.at_ms > KEEP_MS) this.drop(name)
    }
  }

  #try<R>(act: (storage: Storage) => R): R | undefined {
    try {
      return act(this.#storage())
    } catch {
      return undefined
    }
  }
}

export const shelf = new Shelf(() => window.localStorage)
/** What concerns one window: people sit at one desk. */
const desk = new Shelf(() => window.sessionStorage)

/** Of this officer, in this world: nobody finds what another was writing. */
export function draftName(world: string, officer: string, form: string): string {
  return `${PREFIX}${world}:${officer}:${form}`
}

/** What lies there, or null where nothing readable does. */
export function read(text: string | null): Kept<object> | null {
  try {
    const kept = JSON.parse(text ?? 'null') as Partial<Kept<object>> | null
    const { ask_id, at_ms, words } = kept ?? {}
    return typeof ask_id === 'string' && typeof at_ms === 'number' && typeof words === 'object' && words !== null
      ? { ask_id, at_ms, words }
      : null
  } catch {
    return null
  }
}

const OFFICE = 'laurel:office'

/** The office that this window last acted for. */
export function lastOffice(): string {
  return desk.text(OFFICE) ?? ''
}

export function rememberOffice(office: string) {
  desk.put(OFFICE, office)
}
