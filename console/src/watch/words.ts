/** Sentences that several panels share. */
import type { SensorKind, StandingAlert, SystemTrack } from '../picture.ts'
import { capital, listed } from '../say.ts'
import { t } from '../strings.ts'

export function sensorsLine(track: SystemTrack): string {
  return t('confidence.sensors', { n: track.sensors, kinds: kindsLine(track.sensor_kinds) })
}

export function kindsLine(kinds: readonly SensorKind[]): string {
  return listed(kinds.map((kind) => t(`sensor.${kind}`)))
}

/** `Impact predicted`; a launch is detected, not predicted. */
export function alertLine(alert: StandingAlert): string {
  const state = alert.reason === 'launch' && alert.state === 'predicted' ? t('alert.detected') : t(`alert.${alert.state}`)
  return capital(`${t(`alert.${alert.reason}`)} ${state}`)
}
