/** What the alert strip says, in words. */
import { secondsSince } from '../clock.ts'
import type { About, AlertState, Area, Picture } from '../picture.ts'
import { age, areaNames, capital, memberName, seconds } from '../say.ts'
import { type Key, t } from '../strings.ts'
import { type Foremost, type Level, foremost, isBlind } from '../urgency.ts'
import { confidenceLine, flagsLine, sensorsLine } from './words.ts'

export interface StripWords {
  readonly level: Level
  /** LAUNCH, WITHDRAWN or ENDED. */
  readonly head: string
  readonly claim: string
  /** The claim was taken back. */
  readonly struck: boolean
  /** How old the claim is when its track is lost. */
  readonly since: string
  readonly detail: readonly string[]
  readonly sure: readonly string[]
  readonly count: { readonly left_s: number; readonly bound: string; readonly observed: boolean } | null
}

const HEADS: Record<AlertState, Key> = {
  predicted: 'strip.launch',
  withdrawn: 'strip.WITHDRAWN',
  ended: 'strip.ENDED',
}

/** Null when there is nothing to say: then `quietWords` says on what the quiet rests. */
export function stripWords(picture: Picture, about: About, now_ms: number): StripWords | null {
  const first = foremost(picture, about.member, now_ms)
  if (!first) return null
  const { alert, track, level, more } = first
  const state = alert?.state ?? 'predicted'
  const stands = state === 'predicted'
  const count = stands ? timing(first, now_ms) : null
  const observed = stands && track?.observed
  const lost = stands && track?.state === 'lost' && (count?.left_s ?? 1) > 0
  const flying = picture.tracks.length
  return {
    level,
    head: t(observed ? 'strip.IMPACT' : HEADS[state]),
    claim: claimed(first, about, now_ms),
    struck: state === 'withdrawn',
    since: lost ? t('strip.lost', { age: age(secondsSince(track.seen_at, now_ms)) }) : '',
    detail: [
      alert
        ? t('strip.by', {
            member: memberName(alert.member, about.members),
            age: age(secondsSince(alert.said_at, now_ms)),
          })
        : t('strip.unsaid'),
      ...(more > 0 ? [t('strip.more', { n: more })] : []),
      ...(flying > 1 ? [t('strip.flying', { n: flying })] : []),
    ],
    sure: stands
      ? [
          capital(confidenceLine(track?.confidence ?? alert?.confidence ?? '')),
          ...(track ? [track.flags.length > 0 ? capital(flagsLine(track)) : sensorsLine(track)] : []),
        ]
      : [],
    count,
  }
}

/** Why nothing is shown. An empty picture proves nothing when no sensor watches. */
export function quietWords(picture: Picture, now_ms: number, rate: number): string {
  if (picture.tracks.length > 0) return t('strip.none.detail')
  return t(isBlind(picture, now_ms, rate) ? 'calm.blind' : 'calm.title')
}

function claimed(first: Foremost, { members }: About, now_ms: number): string {
  const { alert, track } = first
  const inOrOver = (key: 'strip.impact' | 'strip.overflight', areas: readonly Area[]) =>
    t(key, { where: areaNames(areas, members) })
  if (alert?.state === 'ended') return t(`strip.was.${alert.reason}`, { where: areaNames(alert.areas, members) })
  if (alert?.state !== 'withdrawn' && track?.observed) {
    const { areas } = track.observed
    return areas.length > 0 ? t('strip.observed', { where: areaNames(areas, members) }) : t('strip.observed.open')
  }
  if (alert?.state !== 'withdrawn' && (timing(first, now_ms)?.left_s ?? 0) < 0) return t('strip.over')
  if (alert && alert.reason !== 'launch') return inOrOver(`strip.${alert.reason}`, alert.areas)
  if (alert?.state === 'withdrawn') return t('strip.detected')
  if (track?.impact && track.impact.areas.length > 0) return inOrOver('strip.impact', track.impact.areas)
  if (track && track.overflies.length > 0) return inOrOver('strip.overflight', track.overflies)
  return t(track?.impact ? 'strip.flight' : 'strip.unknown')
}

function timing({ alert, track }: Foremost, now_ms: number): StripWords['count'] {
  if (track?.observed) {
    return { left_s: -secondsSince(track.observed.at, now_ms), bound: seconds(track.observed.at_sigma_s), observed: true }
  }
  const at = track?.impact?.at ?? alert?.impact_at
  if (!at) return null
  return { left_s: -secondsSince(at, now_ms), bound: track?.impact ? seconds(track.impact.at_sigma_s) : '', observed: false }
}
