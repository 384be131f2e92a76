import type { SessionStanding, SignedIn } from './api.ts'
import { Refused, send } from './ask.ts'
import { t } from './strings.ts'

export type { PasskeyRow as Passkey, SignedIn } from './api.ts'

/** An officer's hand at the screen is told to the node this often at most. */
const HERE_EVERY_MS = 30_000
const TOKEN = /(?:^#|&)link=([A-Za-z0-9_-]{20,100})(?:&|$)/

export type Standing = Pick<SessionStanding, 'officer' | 'locked'>
export type Locked = NonNullable<Standing['locked']>

/** The token of a one-time link is taken out of the address at once: nothing may copy or keep it there. */
function linkInAddress(): string | null {
  const found = TOKEN.exec(window.location.hash)?.[1] ?? null
  if (found) window.history.replaceState(null, '', window.location.pathname + window.location.search)
  return found
}

/** Whoever sits at this screen: how they come in, lock it and go. */
export class Officer {
  standing = $state.raw<Standing | null>(null)
  /** A one-time link that this page was opened with and that nobody has spent yet. */
  link = $state.raw<string | null>(linkInAddress())
  /** Why the last try failed, in words. */
  trouble = $state<string | null>(null)
  busy = $state(false)

  /** They locked or unlocked this screen, came in or went: not what the stream said of it. */
  onstanding: (standing: Standing | null) => void = () => undefined

  #told_ms = -HERE_EVERY_MS
  readonly #onopen: () => void

  /** Browsers make passkeys for a name under which the page is safe, never for a bare address. */
  readonly passkeysHere = 'PublicKeyCredential' in window && !/^[\d.]+$|^\[/.test(window.location.hostname)

  constructor(onopen: () => void) {
    this.#onopen = onopen
  }

  locked = $derived(this.standing?.locked ?? null)

  byLink(): Promise<void> {
    const link = this.link
    return this.#enter(async () => {
      this.link = null
      return send<SignedIn>('/sign-in/link', { link })
    })
  }

  byPassword(officer: string, password: string): Promise<void> {
    return this.#enter(() => send<SignedIn>('/sign-in/password', { officer, password }))
  }

  byPasskey(): Promise<void> {
    return this.#enter(async () => {
      const options = await send<PublicKeyCredentialRequestOptionsJSON>('/sign-in/passkey/options')
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
      const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null
      return send<SignedIn>('/sign-in/passkey', { credential: credential?.toJSON() ?? {} })
    })
  }

  async session(): Promise<SignedIn> {
    const answer = await fetch('/sign-in/session', { cache: 'no-store' })
    return (await answer.json()) as SignedIn
  }

  /** Whether it was set. The session goes on under a new token. */
  setPassword(next: string, current: string | null): Promise<boolean> {
    return this.#try(async () => {
      await send('/account/password', { new: next, current })
      this.#onopen()
    })
  }

  addPasskey(name: string): Promise<boolean> {
    return this.#try(async () => {
      const options = await send<PublicKeyCredentialCreationOptionsJSON>('/account/passkeys/options')
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
      const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential | null
      await send('/account/passkeys', { name, credential: credential?.toJSON() ?? {} })
    })
  }

  removePasskey(id: string): Promise<boolean> {
    return this.#try(() => send('/account/passkeys/remove', { id }))
  }

  lock(): Promise<boolean> {
    return this.#try(async () => {
      const { officer, locked } = await send<SignedIn>('/sign-in/lock')
      this.standing = { officer, locked }
      this.onstanding(this.standing)
    })
  }

  async leave(everywhere: boolean): Promise<void> {
    if (!(await this.#try(() => send('/sign-out', { everywhere })))) return
    this.onstanding(null)
    window.location.reload()
  }

  /** Somebody moved or typed: the screen stays open for another while. */
  here() {
    const now_ms = performance.now()
    if (!this.standing || this.locked || now_ms - this.#told_ms < HERE_EVERY_MS) return
    this.#told_ms = now_ms
    // The stream says how the session stands; a node out of reach says nothing, and that is shown elsewhere.
    send('/sign-in/here').catch(() => undefined)
  }

  async #enter(open: () => Promise<SignedIn>): Promise<void> {
    const before = this.standing?.officer
    await this.#try(async () => {
      const { officer, locked } = await open()
      // Another officer must not find what the one before was writing.
      if (before !== undefined && before !== officer) return window.location.reload()
      this.standing = { officer, locked }
      this.onstanding(this.standing)
      this.#onopen()
    })
  }

  async #try(act: () => Promise<unknown>): Promise<boolean> {
    this.busy = true
    this.trouble = null
    try {
      await act()
      return true
    } catch (error) {
      this.trouble = inWords(error)
      return false
    } finally {
      this.busy = false
    }
  }
}

/** What went wrong and what to do, for the person at the screen. */
function inWords(error: unknown): string {
  if (error instanceof Refused) {
    const wait = error.facts['wait_s']
    if (wait) return t('signin.wait', { n: Number(wait) })
    if (error.error === 'SignInRefused') return t('signin.refused')
    if (error.error === 'SignInNeeded') return t('signin.spent')
    return error.message
  }
  if (error instanceof DOMException) return t('signin.cancelled')
  return t('lost.never')
}
