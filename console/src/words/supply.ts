import type { Entry } from './entry.ts'

export const supplyWords = {
  'room.supply': 'Supply',
  'supply.list': 'Supply',
  'supply.none': 'Nothing is here yet.',
} as const satisfies Readonly<Record<string, Entry>>
