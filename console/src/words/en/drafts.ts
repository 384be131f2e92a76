import type { Entry } from '../entry.ts'

export const drafts = {
  'kept.here': 'Kept on this machine until it is said.',
  'kept.found': 'Draft of {age} ago, kept on this machine.',
  'kept.memory': 'Not kept: this browser stores nothing. It lasts as long as this page is open.',
  'kept.discard': 'Discard',
  'ask.nobody': 'The node does not answer. Nothing typed is lost: try again when it is back.',
} as const satisfies Readonly<Record<string, Entry>>
