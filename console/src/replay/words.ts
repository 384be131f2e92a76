import { t } from '../strings.ts'
import type { Mark } from './replay.ts'

/** What its author said; of a clock, how fast it was set to run. */
export function markText({ kind, words }: Mark): string {
  return kind === 'clock' ? t('clock.rate', { rate: words }) : words
}
