import { ROOMS } from './rooms.ts'

/** What this window looks at. It lives in the address, so a reload or a colleague sees the same. */
export class View {
  room = $state('watch')
  /** What is open in the room: a conversation, a consultation, an item of a list. */
  id = $state<string | null>(null)
  /** The number of the track the officer chose; null follows the most urgent. */
  track = $state<string | null>(null)
  follow = $state(true)

  constructor() {
    this.#read()
    window.addEventListener('hashchange', () => this.#read())
  }

  choose(track: string | null) {
    this.track = track
    this.#write()
  }

  /** Another room, or something in it. */
  enter(room: string, id: string | null = null) {
    this.room = room
    this.id = id
    this.#write()
  }

  setFollow(follow: boolean) {
    if (follow === this.follow) return
    this.follow = follow
    this.#write()
  }

  #read() {
    const parts = new URLSearchParams(window.location.hash.slice(1))
    const room = parts.get('room')
    this.room = room !== null && ROOMS.includes(room) ? room : 'watch'
    this.id = parts.get('id')
    this.track = parts.get('track')
    this.follow = parts.get('follow') !== 'off'
  }

  /** What others keep in the address, such as the language, stays there. */
  #write() {
    const parts = new URLSearchParams(window.location.hash.slice(1))
    const keep = (name: string, value: string | null) => (value === null ? parts.delete(name) : parts.set(name, value))
    keep('room', this.room === 'watch' ? null : this.room)
    keep('id', this.id)
    keep('track', this.track)
    keep('follow', this.follow ? null : 'off')
    const hash = parts.toString()
    window.history.replaceState(null, '', hash ? `#${hash}` : window.location.pathname + window.location.search)
  }
}
