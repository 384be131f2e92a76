/** The alert queue: the alerts of one event together, under the worst of them. */
import type { AlertReason, Picture, StandingAlert, SystemTrack } from '../picture.ts'
import { type Level, alertLevel, alertsByUrgency, trackOf } from '../urgency.ts'

/** Members whose times of impact are farther apart than this do not say the same. */
const AGREE_WITHIN_S = 60

export interface Event {
  readonly key: string
  readonly track: SystemTrack | null
  /** That of its worst alert. */
  readonly level: Level
  /** The worst first. */
  readonly alerts: readonly [StandingAlert, ...StandingAlert[]]
  readonly conflict: Conflict | null
}

/** Two members that do not say the same of one event. */
export interface Conflict {
  readonly kind: 'withdrawn' | 'time'
  readonly reason: AlertReason
  readonly one: StandingAlert
  readonly other: StandingAlert
}

export function eventsOf(picture: Picture, own: string): readonly Event[] {
  const found = new Map<string, { track: SystemTrack | null; alerts: [StandingAlert, ...StandingAlert[]] }>()
  for (const alert of alertsByUrgency(picture, own)) {
    const track = trackOf(alert, picture.tracks)
    const key = track ? `track-${track.number}` : alert.tracks.toSorted().join(' ') || alert.id
    const known = found.get(key)
    if (known) known.alerts.push(alert)
    else found.set(key, { track, alerts: [alert] })
  }
  return [...found].map(([key, { track, alerts }]) => ({
    key,
    track,
    level: alertLevel(alerts[0], own),
    alerts,
    conflict: conflictOf(alerts),
  }))
}

/** One stands by what another took back, or their times of impact are far apart. */
export function conflictOf(alerts: readonly StandingAlert[]): Conflict | null {
  for (const one of alerts.filter(({ state }) => state === 'predicted')) {
    const others = alerts.filter(({ member, reason }) => member !== one.member && reason === one.reason)
    const against = others.find(({ state }) => state === 'withdrawn')
    if (against) return { kind: 'withdrawn', reason: one.reason, one, other: against }
    const apart = others.find(({ state, impact_at }) => state === 'predicted' && far(one.impact_at, impact_at))
    if (apart) return { kind: 'time', reason: one.reason, one, other: apart }
  }
  return null
}

const far = (one: string | null, other: string | null) =>
  one !== null && other !== null && Math.abs(Date.parse(one) - Date.parse(other)) > AGREE_WITHIN_S * 1000

/** The alerts in force that wait for an officer of ours, the most urgent first. */
export function waitingFor(picture: Picture, own: string): readonly StandingAlert[] {
  return alertsByUrgency(picture, own).filter(
    ({ state, acknowledged }) =>
      state === 'predicted' && !acknowledged.some(({ member, counts }) => member === own && counts),
  )
}

/** All that wait of the event of this one: one key acknowledges them together. */
export function waitingWith(alert: StandingAlert, picture: Picture, own: string): readonly StandingAlert[] {
  const track = trackOf(alert, picture.tracks)
  return waitingFor(picture, own).filter((one) => one.id === alert.id || (track && trackOf(one, picture.tracks) === track))
}
