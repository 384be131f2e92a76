/** Sentences that several panels share. */
import type { SensorKind, StandingAlert, SystemTrack } from '../picture.ts'
import { capital, listed } from '../say.ts'
import { t } from '../strings.ts'

export function sensorsLine(track: SystemTrack): string {
  return t('sensors.seen', { n: track.sensors, kinds: kindsLine(track.sensor_kinds) })
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
