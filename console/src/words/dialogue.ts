import type { Entry } from './entry.ts'

export const dialogueWords = {
  'room.dialogue': 'Dialogue',
  'dialogue.list': 'Dialogue',
  'dialogue.none': 'Nothing is here yet.',
} as const satisfies Readonly<Record<string, Entry>>
