import type { Entry } from './entry.ts'

export const regionWords = {
  'room.region': 'Region',
  'region.list': 'Region',
  'region.none': 'Nothing is here yet.',
} as const satisfies Readonly<Record<string, Entry>>
