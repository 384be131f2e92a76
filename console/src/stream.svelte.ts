import type { HaltedPlay } from './api.ts'
import { type Shown, shownAfter } from './changes.ts'
import { type Reading, realTime, worldTime } from './clock.ts'
import { type Consultations, NO_CONSULTATIONS } from './consult/course.ts'
import { type Board, type Lines, NO_BOARD } from './hotline/board.ts'
import {
  type LineTrouble,
  type Proposal,
  type PublicAlerts,
  type Resumption,
  type Retraction,
  type Watch,
  NO_PUBLIC_ALERTS,
  NO_TROUBLE,
  NO_WATCH,
} from './office/office.ts'
import type { Standing } from './officer.svelte.ts'
import type { About, Link, Message, Picture, Trouble } from './picture.ts'
import type { Replay } from './replay/replay.ts'

/** Silence longer than this is a lost connection: the node sends its clock at least every five seconds. */
const SILENCE_MS = 11_000
const TICK_MS = 200
/** Figures that people read change no oftener. */
const READ_MS = 1_000
/** With the turn of a second it may be a little sooner. */
const READ_SOONER_MS = 600
const FIRST_WAIT_MS = 400
const LONGEST_WAIT_MS = 5_000

export type Connection = 'connecting' | 'open' | 'lost' | 'signed-out'

/** Everything the page shows comes from here; it keeps the connection up by itself. */
export class Stream {
  about = $state.raw<About | null>(null)
  picture = $state.raw<Picture | null>(null)
  /** The picture as it is read: anew once a second, and at once when something comes, goes or is warned of. */
  read = $state.raw<Picture | null>(null)
  links = $state.raw<readonly Link[]>([])
  trouble = $state.raw<Trouble>({ parked: [], disagreements: [], resumption: null })
  proposals = $state.raw<readonly Proposal[]>([])
  watch = $state.raw<Watch>(NO_WATCH)
  publicAlerts = $state.raw<PublicAlerts>(NO_PUBLIC_ALERTS)
  retractions = $state.raw<readonly Retraction[]>([])
  lineTrouble = $state.raw<LineTrouble>(NO_TROUBLE)
  board = $state.raw<Board>(NO_BOARD)
  /** Null when the node checks no lines. */
  lines = $state.raw<Lines | null>(null)
  consultations = $state.raw<Consultations>(NO_CONSULTATIONS)
  /** Null while the node speaks to its peers. */
  resumption = $state.raw<Resumption | null>(null)
  connection = $state<Connection>('connecting')
  /** This exercise was halted, and its node goes away; null while it did not. */
  halted = $state.raw<HaltedPlay | null>(null)
  onreplay: (replay: Replay | null) => void = () => undefined
  onsession: (standing: Standing) => void = () => undefined

  #reading = $state.raw<Reading | null>(null)
  #stopwatch_ms = $state(performance.now())
  #heard_ms = $state(performance.now())
  #silent_from_ms = 0
  #read_ms = -READ_MS
  #read_at: number | null = null
  #socket: WebSocket | null = null
  #shown: Shown | null = null
  #wait_ms = FIRST_WAIT_MS
  #stopped = false
  #turn = 0
  #retrying = 0

  /** The world's time (ms since 1970) in whole seconds, or null before the node has said it: nobody reads more of it. */
  now_ms = $derived(this.#reading && wholeSeconds(worldTime(this.#reading, this.#stopwatch_ms)))
  real_ms = $derived(this.#reading && wholeSeconds(realTime(this.#reading, this.#stopwatch_ms)))
  rate = $derived(this.#reading?.rate ?? 1)
  /** How far this computer's own clock is ahead of the node's, as it was when the node last said its time. */
  ahead_ms = $state(0)
  /** Real seconds since the node last said anything. */
  silent_s = $derived(Math.max(0, (this.#stopwatch_ms - this.#heard_ms) / 1000))

  /** Opens the stream and keeps it open. Returns how to stop. */
  start(): () => void {
    const ticking = window.setInterval(() => this.#tick(), TICK_MS)
    void this.#connect()
    return () => {
      this.#stopped = true
      window.clearInterval(ticking)
      this.#drop()
    }
  }

  /** Somebody signed in: as them, at once. */
  again() {
    this.#wait_ms = FIRST_WAIT_MS
    this.#drop()
    void this.#connect()
  }

  #tick() {
    // While pictures come they keep the time, so that a second's turn and a picture are one work.
    if (performance.now() - this.#stopwatch_ms < TICK_MS) return
    this.#stopwatch_ms = performance.now()
    this.#readOn()
    // Also finds a socket that neither opens nor fails.
    if (this.#socket && this.#stopwatch_ms - this.#silent_from_ms > SILENCE_MS) this.#lose()
  }

  async #connect() {
    window.clearTimeout(this.#retrying)
    if (this.#stopped) return
    // Who signs in while a try is under way begins another: the older one must not close its socket.
    const turn = ++this.#turn
    try {
      const answer = await fetch('about', { cache: 'no-store', signal: AbortSignal.timeout(SILENCE_MS) })
      if (turn !== this.#turn) return
      if (answer.status === 401) {
        this.connection = 'signed-out'
        this.#retry()
        return
      }
      if (!answer.ok) throw new Error(`about: ${answer.status}`)
      const about = (await answer.json()) as About
      if (turn !== this.#turn) return
      this.about = about
      this.onreplay(about.replay)
      this.#open()
    } catch {
      if (turn === this.#turn) this.#lose()
    }
  }

  #open() {
    const address = new URL('stream?changes=columns', window.location.href)
    address.protocol = address.protocol.replace('http', 'ws')
    address.hash = ''
    this.#drop()
    const socket = new WebSocket(address)
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    this.#shown = null
    this.#silent_from_ms = performance.now()
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket !== this.#socket) return
      this.#heard()
      if (typeof data === 'string') this.#hear(JSON.parse(data) as Message)
      else this.#see(data, socket)
    }
    socket.onclose = () => {
      if (socket === this.#socket) this.#lose()
    }
  }

  #heard() {
    this.connection = 'open'
    this.#wait_ms = FIRST_WAIT_MS
    this.#heard_ms = this.#silent_from_ms = performance.now()
  }

  /** Who misses a change asks for the whole, once. */
  #see(frame: ArrayBuffer, socket: WebSocket) {
    const known = this.#shown !== null
    const before = this.picture
    this.#shown = shownAfter(this.#shown, frame)
    if (this.#shown) {
      this.picture = this.#shown.picture
      this.#stopwatch_ms = performance.now()
      if (isNews(before, this.picture)) this.#read_ms = -READ_MS
      this.#readOn()
    } else if (known) socket.send('whole')
  }

  #readOn() {
    const since_ms = performance.now() - this.#read_ms
    const turns = this.#read_at !== this.now_ms
    if (this.read === this.picture || since_ms < (turns ? READ_SOONER_MS : READ_MS)) return
    this.#read_ms = performance.now()
    this.#read_at = this.now_ms
    this.read = this.picture
  }

  #hear(message: Message) {
    switch (message.type) {
      case 'links':
        this.links = message.links
        this.trouble = message.trouble
        this.resumption = message.trouble.resumption
        break
      case 'proposals':
        this.proposals = message.proposals.proposals
        break
      case 'watch':
        this.watch = message.watch
        break
      case 'public-alerts':
        this.publicAlerts = message['public-alerts']
        break
      case 'retractions':
        this.retractions = message.retractions.retractions
        break
      case 'trouble':
        this.lineTrouble = message.trouble
        break
      case 'board':
        this.board = message.board
        break
      case 'lines':
        this.lines = message.lines
        break
      case 'consultations':
        this.consultations = message.consultations
        break
      case 'session':
        this.onsession(message.session)
        break
      case 'halted':
        this.halted = message.halted
        break
      case 'replay':
        this.onreplay(message.replay)
        break
      case 'clock':
        this.#reading = {
          now_ms: Date.parse(message.now),
          real_ms: Date.parse(message.real),
          rate: message.rate,
          stopwatch_ms: this.#heard_ms,
        }
        this.ahead_ms = Date.now() - this.#reading.real_ms
        break
    }
  }

  #lose() {
    this.#drop()
    // Who is signed out sees no more, whatever becomes of the node.
    if (this.connection !== 'signed-out') this.connection = 'lost'
    this.#retry()
  }

  #drop() {
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }

  /** Soon at first, then ever less often, never rarer than every five seconds; spread, so that consoles do not return as one. */
  #retry() {
    const wait_ms = this.#wait_ms * (0.75 + Math.random() / 2)
    this.#wait_ms = Math.min(this.#wait_ms * 1.7, LONGEST_WAIT_MS)
    this.#retrying = window.setTimeout(() => void this.#connect(), wait_ms)
  }
}

const wholeSeconds = (ms: number) => Math.floor(ms / 1000) * 1000

/** Something came or went, or something else is said of it. */
function isNews(before: Picture | null, after: Picture): boolean {
  return (
    before?.alerts !== after.alerts || before.warnings !== after.warnings || before.tracks.length !== after.tracks.length
  )
}
