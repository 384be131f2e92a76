/** What the hotline tells the console. Field names and meanings: instruments/hotline/board_types.py. */
import type { Board, CallRow, CheckRow, LineState, Lines, MessageRow, Reach, Reached } from '../api.ts'
import type { Level } from '../urgency.ts'

export type {
  AttachmentRow,
  Board,
  Call,
  CallRow,
  CheckRow,
  Conversation,
  ConversationRow,
  LineRow,
  LineSpan,
  LineState,
  Lines,
  MessageRow,
  Reach,
  Reached,
  ReadbackState,
  TranslationRow,
} from '../api.ts'

/** ACP 121, as the node counts it: what is higher overtakes what is lower. */
export const PRECEDENCES = ['ROUTINE', 'PRIORITY', 'IMMEDIATE', 'FLASH'] as const
export const IMMEDIATE = 2
export const FLASH = 3
export const CLASSIFICATIONS = ['UNCLASSIFIED', 'RESTRICTED', 'CONFIDENTIAL', 'SECRET', 'TOP SECRET'] as const

/** What an officer reads before he acknowledges it. */
export type Received = Pick<
  CallRow,
  'message' | 'conversation' | 'subject' | 'member' | 'at' | 'precedence' | 'language' | 'text' | 'readback'
>

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
