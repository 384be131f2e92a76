/** What the hotline tells the console. Field names and meanings: instruments/hotline/board_types.py. */
import type { Moment } from '../picture.ts'
import type { Level } from '../urgency.ts'

/** ACP 121, as the node counts it: what is higher overtakes what is lower. */
export const PRECEDENCES = ['ROUTINE', 'PRIORITY', 'IMMEDIATE', 'FLASH'] as const
export const IMMEDIATE = 2
export const FLASH = 3
export const CLASSIFICATIONS = ['UNCLASSIFIED', 'RESTRICTED', 'CONFIDENTIAL', 'SECRET', 'TOP SECRET'] as const

/** A call by voice or video, of which a message is the minutes. Neither is carried here. */
export interface Call {
  readonly means: string
  readonly began_at: Moment
  readonly ended_at: Moment
  readonly offices: readonly string[]
}

/** Who is called when nobody has acknowledged for `after_s`: an office, by these of the member's own notifiers. */
export interface Step {
  readonly after_s: number
  readonly office: string
  readonly by: readonly string[]
}

/** How far a message came at one member. Each is said by a signed record but the first, which is the message. */
export type Reached = 'sent' | 'delivered' | 'shown' | 'acknowledged' | 'answered'

/** Where a readback stands: right and wrong are the writer's word. */
export type ReadbackState = 'awaited' | 'given' | 'right' | 'wrong'

/** How far a message came at one member, since when it says so, and by which office it was acknowledged. */
export interface Reach {
  readonly member: string
  readonly reached: Reached
  readonly since: Moment | null
  readonly office: string | null
  readonly readback: ReadbackState | null
  readonly readback_text: string | null
  readonly acknowledgement: string | null
}

/** A translation. A draft is shown as one, with its translator; a reviewed one names its reviewer. */
export interface TranslationRow {
  readonly id: string
  readonly member: string
  readonly language: string
  readonly text: string
  readonly translator: string
  readonly engine: boolean
  readonly draft: boolean
  readonly reviewer: string | null
}

/** A file, and how much of it is here. `whole` once all parts are here: whether they are what the hash says. */
export interface AttachmentRow {
  readonly sha256: string
  readonly name: string
  readonly media_type: string
  readonly size: number
  readonly parts: number
  readonly held: number
  readonly whole: boolean | null
}

/** A message, original first. `banner` is its label in words. */
export interface MessageRow {
  readonly id: string
  readonly conversation: string
  readonly member: string
  readonly author: string
  readonly at: Moment
  readonly precedence: number
  readonly banner: string
  readonly language: string
  readonly text: string
  readonly answers: string | null
  readonly about: readonly string[]
  readonly readback: boolean
  readonly reach: readonly Reach[]
  readonly translations: readonly TranslationRow[]
  readonly attachments: readonly AttachmentRow[]
  readonly minutes_of: Call | null
}

/** One conversation in the list. `waits_for` are members that have not acknowledged its last messages. */
export interface ConversationRow {
  readonly id: string
  readonly subject: string
  readonly banner: string
  readonly members: readonly string[]
  readonly precedence: number
  readonly opened_by: string
  readonly opened_at: Moment
  readonly last_at: Moment
  readonly last_member: string
  readonly last_text: string
  readonly last_language: string
  readonly messages: number
  readonly waits_for: readonly string[]
  readonly unacknowledged: number
}

/** What an officer reads before he acknowledges it. */
export type Received = Pick<
  CallRow,
  'message' | 'conversation' | 'subject' | 'member' | 'at' | 'precedence' | 'language' | 'text' | 'readback'
>

/** A message of another that no officer of ours has acknowledged. `called` are the offices called so far. */
export interface CallRow {
  readonly message: string
  readonly conversation: string
  readonly subject: string
  readonly member: string
  readonly at: Moment
  readonly since: Moment
  readonly precedence: number
  readonly language: string
  readonly text: string
  readonly readback: boolean
  readonly called: readonly string[]
  readonly next_office: string | null
  readonly next_at: Moment | null
  readonly failed: readonly string[]
}

/** What waits for us, the most urgent first; and the latest conversations, the last spoken in first. */
export interface Board {
  readonly at: Moment
  readonly calls: readonly CallRow[]
  readonly conversations: readonly ConversationRow[]
}

/** One conversation, oldest first: its last messages, and how many there are before these. */
export interface Conversation {
  readonly id: string
  readonly subject: string
  readonly banner: string
  readonly members: readonly string[]
  readonly messages: readonly MessageRow[]
  readonly earlier: number
}

/** Which part of the line to a member works, as far as we can tell. */
export type LineState = 'healthy' | 'unanswered' | 'unheard' | 'node-down' | 'path-down' | 'unchecked'

/** The line was so from then until then; None while it still is. */
export interface LineSpan {
  readonly state: LineState
  readonly since: Moment
  readonly until: Moment | null
}

/** One check of a line: by whom, and how long until the other node heard it and an officer answered. */
export interface CheckRow {
  readonly id: string | null
  readonly slot: number
  readonly by: string
  readonly at: Moment
  readonly text: string | null
  readonly heard_after_s: number | null
  readonly answered_after_s: number | null
  readonly office: string | null
  readonly waits_for_us: boolean
}

/** The line to one member: its state and since when, whether it alarms, its history and its checks, newest first. */
export interface LineRow {
  readonly member: string
  readonly state: LineState
  readonly since: Moment | null
  readonly alarm: boolean
  readonly via: string
  readonly every_s: number
  readonly next_at: Moment | null
  readonly worst_delay_s: number | null
  readonly history: readonly LineSpan[]
  readonly checks: readonly CheckRow[]
}

/** The line to every other member. */
export interface Lines {
  readonly at: Moment
  readonly lines: readonly LineRow[]
}

/** Who is called, and when, if nobody acknowledges. */
export interface DutyList {
  readonly steps: readonly Step[]
  readonly put_by: string | null
  readonly put_at: Moment | null
}

export const NO_BOARD: Board = { at: '1970-01-01T00:00:00Z', calls: [], conversations: [] }

/** What rings until an officer acknowledges it, in the node's own order: the most urgent first. */
export function ringing(board: Board): readonly CallRow[] {
  return board.calls.filter(({ precedence }) => precedence >= IMMEDIATE)
}

export const precedenceName = (precedence: number): string => PRECEDENCES[precedence] ?? String(precedence)

const ORDER: readonly Reached[] = ['sent', 'delivered', 'shown', 'acknowledged', 'answered']

/** True when that member has come at least so far. */
export function hasReached({ reached }: Reach, wanted: Reached): boolean {
  return ORDER.indexOf(reached) >= ORDER.indexOf(wanted)
}

/** How far a message of another came with us: null when we wrote it, or are not among its readers. */
export function ours(message: MessageRow, own: string): Reach | null {
  return message.member === own ? null : (message.reach.find(({ member }) => member === own) ?? null)
}

/** A line that we know to be cut is worse than one on which somebody did not answer. */
export const LINE_LEVELS: Record<LineState, Level> = {
  'healthy': 'normal',
  'unanswered': 'caution',
  'unheard': 'caution',
  'node-down': 'serious',
  'path-down': 'serious',
  'unchecked': 'off',
}

/** Checks of others that one of our officers should answer, the newest first. */
export function asked(lines: Lines | null): readonly { readonly member: string; readonly check: CheckRow }[] {
  return (lines?.lines ?? []).flatMap(({ member, checks }) =>
    checks.filter(({ waits_for_us }) => waits_for_us).map((check) => ({ member, check })),
  )
}
