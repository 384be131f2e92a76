/** What matters most, and how much. Red (critical) is an impact in our own country or a flight over it, nothing else. */
import { momentOf, secondsSince } from './clock.ts'
import type { Area, Picture, StandingAlert, SystemTrack } from './picture.ts'

export type Level = 'critical' | 'serious' | 'caution' | 'normal' | 'standby' | 'off'

const RANK: Record<Level, number> = { critical: 5, serious: 4, caution: 3, standby: 2, normal: 1, off: 0 }

const STALE_S = 8
const QUIET_S = 30

/** A plot older than this is stale, and fades. One real second on the way is `rate` seconds of an exercise. */
export const staleAfter_s = (rate: number) => STALE_S + rate
/** A sensor that has said nothing for this long is quiet. */
export const quietAfter_s = (rate: number) => QUIET_S + rate

/** True when no sensor of ours has said anything lately: then an empty picture proves nothing. */
export function isBlind(picture: Picture, now_ms: number, rate: number): boolean {
  const quiet_s = quietAfter_s(rate)
  return !picture.sensors.some(
    ({ last_scan_at }) => last_scan_at !== null && secondsSince(last_scan_at, now_ms) <= quiet_s,
  )
}

const touches = (areas: readonly Area[], member: string) => areas.some((area) => area.member === member)

export function worse(first: Level, second: Level): Level {
  return RANK[first] >= RANK[second] ? first : second
}

export function alertLevel(alert: StandingAlert, own: string): Level {
  if (alert.state === 'withdrawn') return 'standby'
  if (alert.state === 'ended') return 'off'
  if (alert.reason === 'launch') return 'caution'
  return alert.member === own || touches(alert.areas, own) ? 'critical' : 'serious'
}

/** Past its predicted impact by more than the prediction's own doubt. */
export function isOver(track: SystemTrack, now_ms: number): boolean {
  return track.impact !== null && secondsSince(track.impact.at, now_ms) > 3 * track.impact.at_sigma_s
}

export function trackLevel(track: SystemTrack, own: string, now_ms: number): Level {
  if (isOver(track, now_ms)) return 'off'
  if (track.observed) return touches(track.observed.areas, own) ? 'critical' : 'standby'
  const areas = track.impact?.areas ?? []
  if (touches(areas, own) || touches(track.overflies, own)) return 'critical'
  return areas.length + track.overflies.length > 0 ? 'serious' : 'caution'
}

/** The alerts that rest on a member track which is part of this system track. */
export function alertsOf(track: SystemTrack, alerts: readonly StandingAlert[]): readonly StandingAlert[] {
  return alerts.filter((alert) => alert.tracks.some((name) => track.tracks.includes(name)))
}

export function trackOf(alert: StandingAlert, tracks: readonly SystemTrack[]): SystemTrack | null {
  return tracks.find((track) => track.tracks.some((name) => alert.tracks.includes(name))) ?? null
}

/** To the second: nothing changes its place for less. */
const impactAt = (track: SystemTrack | null) => (track?.impact ? Math.round(momentOf(track.impact.at) / 1_000) : Infinity)

/** `9` before `10`: the shorter first. */
const byNumber = (a: string, b: string) => a.length - b.length || (a < b ? -1 : Number(a > b))

/** A track and what its place in the order rests on. */
export interface Ranked {
  readonly track: SystemTrack
  readonly level: Level
  /** Where it stands in the picture. */
  readonly row: number
  readonly at: number
}

interface Order {
  readonly own: string
  readonly second: number
  readonly ranked: readonly Ranked[]
  readonly found: readonly SystemTrack[]
}

const orders = new WeakMap<readonly SystemTrack[], Order>()
let latest: Order | null = null

/** Most urgent first: by level, then by the sooner impact, then by number so that rows keep their place. */
export function byUrgency(tracks: readonly SystemTrack[], own: string, now_ms: number): readonly SystemTrack[] {
  return orderOf(tracks, own, now_ms).found
}

/** The same, with the level of each. */
export function ranked(tracks: readonly SystemTrack[], own: string, now_ms: number): readonly Ranked[] {
  return orderOf(tracks, own, now_ms).ranked
}

/** Many ask this of the same picture: it is found once for each second. */
function orderOf(tracks: readonly SystemTrack[], own: string, now_ms: number): Order {
  const second = Math.floor(now_ms / 1000)
  const known = orders.get(tracks)
  if (known?.own === own && known.second === second) return known
  const rank = (track: SystemTrack, row: number) => ({ track, row, level: trackLevel(track, own, now_ms), at: impactAt(track) })
  const isSame = latest?.own === own && latest.second === second
  const before = follows(latest, tracks) ? latest.ranked : null
  let stays = before !== null
  // From one picture to the next most tracks only move, and the order stays.
  const found = before
    ? before.map(({ track: was, row, level, at }) => {
        const track = tracks[row] ?? was
        if (isSame && bearsAlike(was, track)) return { track, row, level, at }
        const now = rank(track, row)
        stays &&= now.level === level && now.at === at
        return now
      })
    : tracks.map(rank)
  if (!stays) found.sort(byRank)
  latest = { own, second, ranked: found, found: found.map(({ track }) => track) }
  orders.set(tracks, latest)
  return latest
}

const byRank = (a: Ranked, b: Ranked) =>
  RANK[b.level] - RANK[a.level] || sooner(a.at, b.at) || byNumber(a.track.number, b.track.number)

/** Whether these are the tracks that were ordered last, in the same rows. */
function follows(before: Order | null, tracks: readonly SystemTrack[]): before is Order {
  return (
    before !== null &&
    before.ranked.length === tracks.length &&
    before.ranked.every(({ track, row }) => tracks[row]?.number === track.number)
  )
}

const bearsAlike = (one: SystemTrack, other: SystemTrack) =>
  one.impact === other.impact && one.observed === other.observed && one.overflies === other.overflies

/** Worst first, then the sooner impact, then the latest said. */
export function alertsByUrgency(picture: Picture, own: string): readonly StandingAlert[] {
  return [...picture.alerts].sort(
    (a, b) =>
      RANK[alertLevel(b, own)] - RANK[alertLevel(a, own)] ||
      sooner(impactAt(trackOf(a, picture.tracks)), impactAt(trackOf(b, picture.tracks))) ||
      Date.parse(b.said_at) - Date.parse(a.said_at),
  )
}

function sooner(first: number, second: number): number {
  return first === second ? 0 : first - second
}

/** A withdrawal stays in the strip this long, unless something serious stands: people act on what is not taken back aloud. */
const WITHDRAWN_FOR_S = 180

/** What the alert strip says: the worst standing alert, or the worst track nobody has warned of yet. */
export interface Foremost {
  readonly level: Level
  readonly alert: StandingAlert | null
  readonly track: SystemTrack | null
  readonly more: number
}

export function foremost(picture: Picture, own: string, now_ms: number): Foremost | null {
  const alerts = alertsByUrgency(picture, own)
  const track = byUrgency(picture.tracks, own, now_ms)[0] ?? null
  const standing = alerts.filter((alert) => alert.state === 'predicted')
  const spoken = (alert: StandingAlert, more: number): Foremost => ({
    level: alertLevel(alert, own),
    alert,
    track: trackOf(alert, picture.tracks),
    more,
  })

  const unsaid = track && !isOver(track, now_ms) ? trackLevel(track, own, now_ms) : 'off'
  const worst = standing[0]
  const top = worse(unsaid, worst ? alertLevel(worst, own) : 'off')
  const withdrawn = alerts.find(
    (alert) => alert.state === 'withdrawn' && secondsSince(alert.said_at, now_ms) < WITHDRAWN_FOR_S,
  )
  if (withdrawn && RANK[top] < RANK.serious) return spoken(withdrawn, standing.length)
  if (worst && RANK[alertLevel(worst, own)] >= RANK[unsaid]) return spoken(worst, standing.length - 1)
  if (track && unsaid !== 'off') return { level: unsaid, alert: null, track, more: standing.length }
  return alerts[0] ? spoken(alerts[0], 0) : null
}
