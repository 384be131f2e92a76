/** What one does not see: members whose reports do not reach us, and since when. */
import { secondsSince } from '../clock.ts'
import type { Link } from '../picture.ts'

export interface Unseen {
  readonly member: string
  readonly name: string
  /** Real seconds since its node was last heard; null when it never was. */
  readonly since_s: number | null
  readonly heard_at: string | null
}

/** A line that is up, directly or through another member, hides nothing. */
export function unseenOf(links: readonly Link[], real_ms: number | null): readonly Unseen[] {
  return links
    .filter(({ state }) => state !== 'healthy' && state !== 'relayed')
    .map(({ member, name, heard_at }) => ({
      member,
      name,
      heard_at,
      since_s: heard_at === null || real_ms === null ? null : Math.max(0, secondsSince(heard_at, real_ms)),
    }))
}
