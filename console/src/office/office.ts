/** What the office, public alerts and the line itself tell the console, and the little that follows from it. */
import type {
  InstrumentsLineTroubleTrouble as LineTrouble,
  Proposal,
  PublicAlertRow as PublicAlert,
  PublicAlerts,
  ReadyPublicAlert as Ready,
  Watch,
  Words,
} from '../api.ts'

export type {
  CancelReason,
  FalseAccusation,
  HandOver,
  InstrumentsLineTroubleTrouble as LineTrouble,
  InstrumentsWarningPublicAlertIssuePublicAlertAsk as IssueAsk,
  Offer,
  Proposal,
  ProposalState,
  PublicAlertRow as PublicAlert,
  PublicAlertState,
  PublicAlerts,
  ReadyPublicAlert as Ready,
  Resumption,
  Retraction,
  SeenFork as Fork,
  Watch,
  Words,
} from '../api.ts'

export const NO_TROUBLE: LineTrouble = { forks: [], false_accusations: [], quarantined: [], members: [] }
export const NO_WATCH: Watch = { holder: null, since: null, offer: null, hand_overs: [] }
export const NO_PUBLIC_ALERTS: PublicAlerts = { at: '', alerts: [], ready: [] }

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
