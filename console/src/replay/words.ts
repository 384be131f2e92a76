import type { About } from '../picture.ts'
import { t } from '../strings.ts'
import type { Mark } from './replay.ts'

/** What stands on the banner of a replay. Of an exercise it says both: that it is no more, and that it never was. */
export function replayMark({ exercise }: About): string {
  return exercise === null ? t('replay.banner') : t('replay.banner.exercise', { name: exercise })
}

/** What its author said; of a clock, how fast it was set to run. */
export function markText({ kind, words }: Mark): string {
  return kind === 'clock' ? t('clock.rate', { rate: words }) : words
}
