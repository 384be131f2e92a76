/** Sentences that several panels share. */
import type { NoticeMatch, SensorKind, StandingAlert, SystemTrack } from '../picture.ts'
import { capital, listed, said } from '../say.ts'
import { t } from '../strings.ts'
import type { Level } from '../urgency.ts'

export function sensorsLine(track: SystemTrack): string {
  return t('sensors.seen', { n: track.sensors, kinds: kindsLine(track.sensor_kinds) })
}

/** What makes a track less believable, in words; nothing for most. */
export function flagsLine(track: SystemTrack): string {
  return listed(track.flags.map((flag) => t(`flag.${flag}`)))
}

/** `medium-range 72 %, …`: those that are worth naming. */
export function classesLine({ classes }: SystemTrack): string {
  const worth = classes.filter(({ probability }) => probability >= 0.05)
  return worth.map(({ name, probability }) => `${name} ${Math.round(probability * 100)} %`).join(', ')
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

/** How it was seen, and how it agrees with a notice: `two kinds; as notified`. */
export function confidenceLine(confidence: string): string {
  return confidence
    .split('; ')
    .map((one) => said('confidence', one))
    .join('; ')
}

/** What a notice says of what flies: less likely an attack, or hidden behind it. */
export const NOTICE_LEVELS: Readonly<Record<NoticeMatch['fit'], Level>> = {
  'as notified': 'normal',
  'notified, path not known yet': 'standby',
  'not on the notified path': 'serious',
  'more than were notified': 'serious',
}
