import type { Entry } from './entry.ts'

export const cyberWords = {
  'room.cyber': 'Cyber',
  'cyber.list': 'Cyber',
  'cyber.none': 'Nothing is here yet.',
} as const satisfies Readonly<Record<string, Entry>>
