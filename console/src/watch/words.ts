/** Sentences that several panels share. */
import type { NoticeMatch, SensorKind, StandingAlert, SystemTrack } from '../picture.ts'
import { capital, listed, said } from '../say.ts'
import { apart, t } from '../strings.ts'
import { toldWords } from '../told.ts'

export function sensorsLine(track: SystemTrack): string {
  return t('sensors.seen', { n: track.sensors, kinds: kindsLine(track.sensor_kinds) })
}

/** How it was seen; and how it agrees with a launch that was announced, if it does. */
export function confidenceLine(confidence: string): string {
  return confidence
    .split('; ')
    .map((part) => said('confidence', part))
    .join('; ')
}

/** A notice reassures nobody by a colour: what agrees with it is not ruled out, what leaves its path is for caution. */
export function noticeLevel({ fit }: Pick<NoticeMatch, 'fit'>): 'standby' | 'caution' {
  return fit === 'not on the notified path' || fit === 'more than were notified' ? 'caution' : 'standby'
}

/** What makes a track less believable, in words; nothing for most. */
export function flagsLine(track: SystemTrack): string {
  return listed(track.flags.map((flag) => t(`flag.${flag}`)))
}

/** `medium-range 72 %, …`: those that are worth naming. */
export function classesLine({ classes }: SystemTrack): string {
  const worth = classes.filter(({ probability }) => probability >= 0.05)
  return worth.map(({ name, probability }) => `${apart(toldWords('seen', name))} ${Math.round(probability * 100)} %`).join(', ')
}

export function kindsLine(kinds: readonly SensorKind[]): string {
  return listed(kinds.map((kind) => t(`sensor.${kind}`)))
}

/** `Impact predicted`; a launch is detected, not predicted. What was withdrawn keeps its words, to be struck out. */
export function alertLine(alert: StandingAlert): string {
  const claimed = alert.reason === 'launch' ? 'alert.detected' : 'alert.predicted'
  const state = t(alert.state === 'ended' ? 'alert.ended' : claimed)
  return capital(`${t(`alert.${alert.reason}`)} ${state}`)
}
