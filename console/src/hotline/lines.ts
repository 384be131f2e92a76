/** How the line to a member stands, in words. */
import { said } from '../say.ts'
import { t } from '../strings.ts'
import type { LineRow } from './board.ts'

export function lineState({ state, via }: LineRow): string {
  const words = said('line', state)
  return via ? `${words} ${t('line.via', { code: via })}` : words
}
