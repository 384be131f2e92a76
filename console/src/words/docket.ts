import type { Entry } from './entry.ts'

export const docketWords = {
  'room.docket': 'Docket',
  'docket.list': 'Docket',
  'docket.none': 'Nothing is here yet.',
} as const satisfies Readonly<Record<string, Entry>>
