import { LANGUAGES } from './language.svelte.ts'
import { ROOMS } from './rooms.ts'
import { type Layer, type Layers, addressOf, hiddenIn, LAYERS, toggled, WHOLE } from './watch/layers.ts'

/** Something in the address that this page does not know. */
export interface Unknown {
  readonly name: string
  readonly value: string
}

/** What an address may say, and whether it may say this of it. `lang` is kept there by the language itself. */
const SAYS: Readonly<Record<string, (value: string) => boolean>> = {
  room: (value) => ROOMS.includes(value),
  id: () => true,
  track: () => true,
  follow: (value) => value === 'off',
  layers: (value) => value.split('.').every((one) => LAYERS.some((layer) => layer === one)),
  map: (value) => value === 'flat',
  sheet: (value) => /^(watch|issue|lines|help|account|real-world|observe|(proposal|acknowledge|consult|halted):.+)$/.test(value),
  lang: (value) => LANGUAGES.some((one) => one === value),
}

/** What of an address cannot be followed: it is said, not passed over. */
export function unknownIn(hash: string): readonly Unknown[] {
  return [...new URLSearchParams(hash.replace(/^#/, ''))]
    .filter(([name, value]) => !SAYS[name]?.(value))
    .map(([name, value]) => ({ name, value }))
}

/** How a change stands in the browser's history: a step of its own, a step over what lies below, or none. */
type Step = 'entry' | 'over' | 'small'

const isOver = () => (window.history.state as { over?: boolean } | null)?.over === true

/** What this window looks at. It lives in the address, so a reload or a colleague sees the same. */
export class View {
  room = $state('watch')
  /** What is open in the room: a conversation, a consultation, an item of a list. */
  id = $state<string | null>(null)
  /** The number of the track the officer chose; null follows the most urgent. */
  track = $state<string | null>(null)
  follow = $state(true)
  /** The sheet that lies on the page, and of what: `lines`, `proposal:7d01…`. */
  sheet = $state<string | null>(null)
  /** What of the address could not be followed. */
  unknown = $state.raw<readonly Unknown[]>([])

  /** Called with what an officer chose here, never with what the address or another window said. */
  onchosen: () => void = () => undefined

  /** On the way back to what lay under a sheet; what changes meanwhile is written when it is reached. */
  #leaving = false
  #after: Step | null = null
  /** What the map and its lists leave out. */
  hidden = $state.raw<Layers>(WHOLE)
  /** The flat map and the table stand instead of the globe. */
  flat = $state(false)

  constructor() {
    this.#read()
    window.addEventListener('popstate', () => this.#moved())
    window.addEventListener('hashchange', () => this.#read())
  }

  choose(track: string | null) {
    this.track = track
    this.#write('small')
    this.onchosen()
  }

  /** Another room, or something in it. */
  enter(room: string, id: string | null = null) {
    const same = room === this.room && id === this.id && this.sheet === null
    this.room = room
    this.id = id
    this.sheet = null
    this.#write(same ? 'small' : 'entry')
    this.onchosen()
  }

  setFollow(follow: boolean) {
    if (follow === this.follow) return
    this.follow = follow
    this.#write('small')
  }

  toggle(layer: Layer) {
    this.hidden = toggled(this.hidden, layer)
    this.#write('small')
  }

  setFlat(flat: boolean) {
    this.flat = flat
    this.#write('small')
  }

  /** A sheet over the page. The way back leads under it. */
  lay(sheet: string) {
    this.sheet = sheet
    this.#write('over')
  }

  close() {
    if (this.sheet === null) return
    this.sheet = null
    if (isOver() && !this.#leaving) {
      this.#leaving = true
      window.history.back()
    } else this.#write('small')
  }

  /** What another window of this officer looks at; this one keeps its room. */
  follows(track: string | null, room: string, id: string | null) {
    this.track = track
    if (room === this.room) this.id = id
    this.#write('small')
  }

  #moved() {
    if (!this.#leaving) {
      this.#read()
      return
    }
    this.#leaving = false
    this.#write(this.#after ?? 'small')
    this.#after = null
  }

  #read() {
    if (this.#leaving) return
    const parts = new URLSearchParams(window.location.hash.slice(1))
    this.unknown = unknownIn(window.location.hash)
    const room = parts.get('room')
    this.room = room !== null && ROOMS.includes(room) ? room : 'watch'
    this.id = parts.get('id')
    this.track = parts.get('track')
    this.follow = parts.get('follow') !== 'off'
    const sheet = parts.get('sheet')
    this.sheet = sheet !== null && SAYS['sheet']?.(sheet) ? sheet : null
    this.hidden = hiddenIn(parts.get('layers'))
    this.flat = parts.get('map') === 'flat'
  }

  /** What others keep in the address, such as the language, stays there. */
  #write(step: Step) {
    if (this.#leaving) {
      this.#after = step === 'small' ? this.#after : step
      return
    }
    this.unknown = []
    const parts = new URLSearchParams(window.location.hash.slice(1))
    for (const name of [...parts.keys()]) if (!(name in SAYS)) parts.delete(name)
    const keep = (name: string, value: string | null) => (value === null ? parts.delete(name) : parts.set(name, value))
    keep('room', this.room === 'watch' ? null : this.room)
    keep('id', this.id)
    keep('track', this.track)
    keep('follow', this.follow ? null : 'off')
    keep('sheet', this.sheet)
    keep('layers', addressOf(this.hidden))
    keep('map', this.flat ? 'flat' : null)
    const hash = parts.toString()
    const address = hash ? `#${hash}` : window.location.pathname + window.location.search
    const { history } = window
    if (step === 'small') history.replaceState(history.state, '', address)
    // What is opened from a sheet takes the sheet's place.
    else if (isOver()) history.replaceState(step === 'over' ? { over: true } : null, '', address)
    else history.pushState(step === 'over' ? { over: true } : null, '', address)
  }
}
