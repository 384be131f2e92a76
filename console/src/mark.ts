/** Which world this is, as every mark says it: nobody takes one for another. */
import type { About } from './picture.ts'
import { t } from './strings.ts'

/** In one word. */
export function shortMark({ exercise, replay }: About): string {
  return t(replay ? 'replay' : exercise === null ? 'live' : 'exercise')
}

/** By its name. A replay of an exercise says both: that it is no more, and that it never was. */
export function worldMark({ exercise, replay }: About): string {
  if (replay) return exercise === null ? t('replay.banner') : t('replay.banner.exercise', { name: exercise })
  return exercise === null ? t('live') : t('exercise.named', { name: exercise })
}
