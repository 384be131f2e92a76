/** What this window looks at. It lives in the address, so a reload or a colleague sees the same. */
export class View {
  /** The number of the track the officer chose; null follows the most urgent. */
  track = $state<string | null>(null)
  follow = $state(true)
  help = $state(false)

  constructor() {
    this.#read()
    window.addEventListener('hashchange', () => this.#read())
  }

  choose(track: string | null) {
    this.track = track
    this.#write()
  }

  setFollow(follow: boolean) {
    if (follow === this.follow) return
    this.follow = follow
    this.#write()
  }

  #read() {
    const parts = new URLSearchParams(window.location.hash.slice(1))
    this.track = parts.get('track')
    this.follow = parts.get('follow') !== 'off'
  }

  #write() {
    const parts = new URLSearchParams()
    if (this.track !== null) parts.set('track', this.track)
    if (!this.follow) parts.set('follow', 'off')
    const hash = parts.toString()
    window.history.replaceState(null, '', hash ? `#${hash}` : window.location.pathname + window.location.search)
  }
}
