/** What the office, public alerts and the line itself tell the console, and the little that follows from it. */
import type { Area, Moment } from '../picture.ts'

export type ProposalState = 'open' | 'approved' | 'declined' | 'lapsed'
export type PublicAlertState = 'issued' | 'cancelled'
export type CancelReason = 'error' | 'withdrawn' | 'over'

/** Field names: instruments/office/twofold.py. */
export interface Proposal {
  readonly id: string
  readonly command: string
  /** The whole ask, as JSON. */
  readonly ask: string
  readonly words: string
  readonly by: string
  readonly at: Moment
  readonly until: Moment
  readonly state: ProposalState
  readonly settled_by: string | null
  readonly reason: string
}

/** Field names of this and the next three: instruments/office/watch.py. */
export interface Offer {
  readonly id: string
  readonly by: string
  readonly to: string
  readonly at: Moment
  readonly notes: string
  readonly open_items: readonly string[]
}

export interface HandOver {
  readonly by: string
  readonly at: Moment
  readonly before: string | null
  readonly notes: string
  readonly reason: string
}

export interface Watch {
  readonly holder: string | null
  readonly since: Moment | null
  readonly offer: Offer | null
  readonly hand_overs: readonly HandOver[]
}

/** What the public reads, in one language. Field names of this and what follows: instruments/warning. */
export interface Words {
  readonly language: string
  readonly text: string
}

export interface PublicAlert {
  readonly id: string
  readonly member: string
  readonly by: string
  readonly said_at: Moment
  readonly state: PublicAlertState
  readonly areas: readonly Area[]
  readonly words: readonly Words[]
  /** Why it should be cancelled now. */
  readonly doubt: string | null
  readonly cancelled_at: Moment | null
  readonly cancelled_by: string | null
  readonly cancel_reason: CancelReason
  /** What its cancel says, or would say. */
  readonly cancel_words: readonly Words[]
}

/** What a member could tell its public: an ask, all filled in. */
export interface Ready {
  readonly member: string
  readonly tracks: readonly string[]
  readonly question: string
  readonly ask: IssueAsk
}

export interface IssueAsk {
  readonly alert: string
  readonly areas: readonly Area[]
  readonly words: readonly Words[]
  readonly after: string | null
}

export interface PublicAlerts {
  readonly alerts: readonly PublicAlert[]
  readonly ready: readonly Ready[]
}

/** A record that its origin took back. Field names: instruments/line/retraction.py. */
export interface Retraction {
  readonly retraction: string
  readonly member: string
  readonly at: Moment
  readonly reason: string
  readonly title: string | null
  readonly kind: string | null
  readonly waiting: readonly string[]
  readonly void: boolean
}

/** Two records under one number. Field names of this and the next two: instruments/line/trouble.py. */
export interface Fork {
  readonly origin: string
  readonly audience: readonly string[]
  readonly number: number
}

/** What our node made of it, once it looked: `said_so` is the reason the member gave itself for a number it lost. */
export interface JudgedFork extends Fork {
  readonly proven?: boolean
  readonly said_so?: string | null
}

export interface FalseAccusation {
  readonly accuser: string
  readonly accused: string
  readonly number: number
  readonly why: string
}

export interface LineTrouble {
  readonly forks: readonly JudgedFork[]
  readonly false_accusations?: readonly FalseAccusation[]
}

/** Why this node does not speak to its peers yet. Field names: node/site.py. */
export interface Resumption {
  readonly unheard: readonly string[]
  readonly behind: number
}

export const NO_TROUBLE: LineTrouble = { forks: [] }
export const NO_WATCH: Watch = { holder: null, since: null, offer: null, hand_overs: [] }
export const NO_PUBLIC_ALERTS: PublicAlerts = { alerts: [], ready: [] }

/** `officer:sato+officer:abe` as people read it: sato and abe. */
export function person(author: string): string {
  return author
    .split('+')
    .map((name) => name.replace(/^officer:/, ''))
    .join(' and ')
}

/** Two names are one person's however they are written. */
export function isSame(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one.toLowerCase() === other.toLowerCase()
}

/** As much of a record's id as two persons read to each other: enough to tell it from any other on the screen. */
export function shortId(id: string): string {
  return `${id.slice(0, 4)} ${id.slice(4, 8)}`
}

/** Those that wait, what this officer can settle first: the rest waits for others. */
export function waiting(proposals: readonly Proposal[], officer: string | null): readonly Proposal[] {
  const open = proposals.filter(({ state }) => state === 'open')
  return [...open].sort((a, b) => Number(isSame(a.by, officer)) - Number(isSame(b.by, officer)))
}

/** An ask as pairs of name and value, texts for the public apart. */
export interface AskParts {
  readonly texts: readonly Words[]
  readonly facts: readonly (readonly [name: string, value: string])[]
}

export function askParts(json: string): AskParts {
  const ask = JSON.parse(json) as Readonly<Record<string, unknown>>
  const texts = isTexts(ask['words']) ? ask['words'] : []
  const facts = Object.entries(ask)
    .filter(([name, value]) => value !== null && !(name === 'words' && texts.length > 0))
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const)
  return { texts, facts }
}

function isTexts(value: unknown): value is readonly Words[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one: unknown) => typeof one === 'object' && one !== null && 'language' in one && 'text' in one)
  )
}

/** What this member could tell its public of that track; of any, when no track is chosen. */
export function readyFor(ready: readonly Ready[], own: string, tracks: readonly string[] | null): Ready | null {
  const ours = ready.filter(({ member }) => member === own)
  return ours.find((one) => tracks === null || one.tracks.some((name) => tracks.includes(name))) ?? null
}

/** The public alert of ours that one key cancels: the doubted first, then the newest. */
export function toCancel(alerts: readonly PublicAlert[], own: string): PublicAlert | null {
  const ours = alerts.filter(({ member, state }) => member === own && state === 'issued')
  return ours.find(({ doubt }) => doubt !== null) ?? ours[0] ?? null
}
