import { tick } from 'svelte'

import { ask } from '../ask.ts'
import { waitingOnes } from '../consult/course.ts'
import { Bell } from '../hotline/bell.svelte.ts'
import { ringsOf } from '../hotline/sound.ts'
import type { Received } from '../hotline/board.ts'
import { type PublicAlert, readyFor, toCancel } from '../office/office.ts'
import { Officer } from '../officer.svelte.ts'
import { PANELS } from '../panels.ts'
import { Replayer } from '../replay/replayer.svelte.ts'
import { Stream } from '../stream.svelte.ts'
import { type Action, whyNotNow } from '../actions.ts'
import type { Key } from '../strings.ts'
import { alertsOf, byUrgency } from '../urgency.ts'
import { View } from '../view.svelte.ts'
import { type Sheet, nameOf, sheetOf } from './sheet.ts'
import { Step } from './step.svelte.ts'

/** What a room lists, and the parts into which its list falls. */
const ROWS = 'main aside li button, main [data-rows] button:not([data-action])'
const PARTS = 'main [data-parts] button'
const controls = (of: string) => [...document.querySelectorAll<HTMLElement>(of)]
const isOpen = (control: HTMLElement) =>
  (control.ariaCurrent ?? 'false') !== 'false' || control.ariaPressed === 'true'

/** The one `by` places on, around the end; the first when none is chosen. */
function beside<T>(rows: readonly T[], at: number, by: number): T | undefined {
  return rows[at < 0 ? 0 : (at + by + rows.length) % rows.length]
}

function pressBeside(rows: readonly HTMLElement[], by: number) {
  const next = beside(rows, rows.findIndex(isOpen), by)
  next?.focus()
  next?.click()
}

/** The sheets that say nothing to anybody. */
const LOOKS: readonly Sheet['is'][] = ['help', 'account', 'lines', 'watch', 'halted']

/** What lies before an officer: the stream, what of it this window looks at, and what can be done with it. */
export class Desk {
  readonly stream = new Stream()
  readonly bell = new Bell()
  // Before the view, which writes the address: a link's token must be gone from it.
  readonly officer = new Officer(() => this.stream.again())
  readonly view = new View()
  readonly step = new Step()
  readonly replayer = new Replayer()

  /** The command palette is open. */
  palette = $state(false)
  /** Why what was wanted last cannot be done now. */
  why = $state<Key | null>(null)
  /** A message that was opened to be acknowledged, and rings no more or never did. */
  #message = $state.raw<readonly Received[]>([])
  /** Why the last cancel was refused. */
  refused = $state('')
  /** Why the last acknowledgement of an alert was refused. */
  refusedAlert = $state('')

  readonly about = $derived(this.stream.about)
  readonly picture = $derived(this.stream.read)
  readonly now_ms = $derived(this.stream.now_ms ?? (this.about ? Date.parse(this.about.now) : 0))
  readonly lost = $derived(this.stream.connection === 'lost')
  /** Somebody may be looking, and what they see is new. */
  readonly seen = $derived(!this.lost && this.officer.locked === null && this.replayer.shown === null)
  /** The tracks, the most urgent first. */
  readonly ordered = $derived(
    this.picture && this.about ? byUrgency(this.picture.tracks, this.about.member, this.now_ms) : [],
  )
  /** The track whose event is open. */
  readonly track = $derived(this.ordered.find(({ number }) => number === this.view.track) ?? this.ordered[0] ?? null)
  /** The alert on which a consultation about it rests. */
  readonly alert = $derived((this.picture && this.track && alertsOf(this.track, this.picture.alerts)[0]) ?? null)
  /** What could be told to the public of it. */
  readonly ready = $derived(
    this.about && readyFor(this.stream.publicAlerts.ready, this.about.member, this.track?.tracks ?? null),
  )
  /** What one key cancels. */
  readonly cancellable = $derived(this.about && toCancel(this.stream.publicAlerts.alerts, this.about.member))
  readonly sheet = $derived(
    this.view.sheet === null ? null : sheetOf(this.view.sheet, [...this.#message, ...this.stream.board.calls]),
  )
  /** What rings until an officer of ours acknowledges it. */
  readonly rings = $derived(this.about ? ringsOf(this.picture, this.about.member, this.stream.board) : [])
  readonly proposal = $derived.by(() => {
    const { sheet } = this
    return sheet?.is === 'proposal' ? this.stream.proposals.find(({ id }) => id === sheet.id) : undefined
  })
  /** What the address opens is there. */
  readonly laid = $derived(
    this.sheet !== null && !(this.sheet.is === 'issue' && !this.ready) && !(this.sheet.is === 'proposal' && !this.proposal),
  )

  constructor() {
    const { stream, bell, officer, view, step } = this
    stream.onreplay = (replay) => this.replayer.hear(replay)
    stream.onsession = (standing) => (officer.standing = standing)
    // One window sounds for all that this officer has open, and what was done in one is done in all.
    // What is past rings nowhere.
    bell.isMine = () => step.isSounding && this.replayer.shown === null
    bell.onmuted = (left_s) => step.muted(left_s)
    step.audible = () => !bell.blocked
    step.onmuted = (left_s) => bell.mutedElsewhere(left_s)
    step.onlooks = ({ track, room, id }) => view.follows(track, room, id)
    step.onsession = (standing) => {
      // Another officer must not find what the one before was writing.
      if (standing === null || standing.officer !== officer.standing?.officer) window.location.reload()
      else officer.standing = standing
    }
    officer.onstanding = (standing) => step.session(standing)
    view.onchosen = () => step.looks(view.track, view.room, view.id)
  }

  /** Begins, and returns how to stop. */
  start(): () => void {
    const stops = [this.stream.start(), this.bell.start()]
    return () => stops.forEach((stop) => stop())
  }

  lay(sheet: Sheet) {
    // In a replay one looks. Whatever else acts the node itself refuses.
    if (this.replayer.shown !== null && !LOOKS.includes(sheet.is)) {
      this.why = 'replay.says-nothing'
      return
    }
    this.#message = sheet.is === 'acknowledge' ? [sheet.message] : []
    this.view.lay(nameOf(sheet))
  }

  close() {
    this.view.close()
  }

  /** Does it, in its own room, or says why not. */
  async act(action: Action) {
    if (action.room !== null && action.room !== this.view.room) {
      this.enter(action.room)
      await tick()
    }
    this.why = whyNotNow(action, this)
    if (this.why === null) await action.run(this)
  }

  /** Another room: where something waits there, if anything does. */
  enter(room: string, id?: string) {
    const first = {
      hotline: () => this.stream.board.conversations[0]?.id,
      consult: () => waitingOnes(this.stream.consultations.consultations)[0]?.id,
    }[room]
    this.view.enter(room, id ?? first?.() ?? null)
  }

  /** What the room lists, by name, and which of it is open. */
  get listed(): readonly [names: readonly string[], chosen: string | null] {
    const { view } = this
    if (view.room === 'watch') return [this.ordered.map(({ number }) => number), this.track?.number ?? null]
    const rows = view.room === 'hotline' ? this.stream.board.conversations : this.stream.consultations.consultations
    return [rows.map(({ id }) => id), view.id]
  }

  get isListing(): boolean {
    return this.view.room in PANELS ? controls(ROWS).length > 0 : this.listed[0].length > 0
  }

  /** The next of what the room lists. */
  advance(by: number) {
    if (this.view.room in PANELS) {
      pressBeside(controls(ROWS), by)
      return
    }
    const [names, chosen] = this.listed
    const next = beside(names, names.indexOf(chosen ?? ''), by)
    if (next === undefined) return
    if (this.view.room === 'watch') this.view.choose(next)
    else this.view.enter(this.view.room, next)
  }

  get hasParts(): boolean {
    return controls(PARTS).length > 0
  }

  /** The next of the parts into which a room's list falls. */
  turn(by: number) {
    pressBeside(controls(PARTS), by)
  }

  /** The same, in a window that can lie on another screen. */
  secondWindow() {
    if (!window.open(window.location.href, '_blank', 'popup')) this.why = 'why.popup'
  }

  /** Into the words of what is being written, or a new conversation. */
  write() {
    if (this.view.room !== 'hotline' || this.view.id === null) this.view.enter('hotline', 'new')
    void tick().then(async () => {
      const opens = document.querySelector<HTMLElement>('[data-write]')
      // In a conversation it is a button at first, which makes way for the words.
      if (opens instanceof HTMLButtonElement) opens.click()
      await tick()
      document.querySelector<HTMLElement>('[data-write]')?.focus()
    })
  }

  /** Into the field for what is looked for, wherever one is. */
  look() {
    this.view.enter('docket')
    void tick().then(() => document.querySelector<HTMLElement>('[data-search]')?.focus())
  }

  /** Under one name for one alert: a key that is hit twice cancels once. */
  async cancel(alert: PublicAlert) {
    this.refused = ''
    try {
      const body = { public_alert: alert.id, reason: alert.cancel_reason }
      await ask('warning/cancel-public-alert', body, `cancel:${alert.cancel_reason}:${alert.id}`)
    } catch (error) {
      this.refused = error instanceof Error ? error.message : String(error)
    }
  }
}
