import type { Consultations } from './consult/course.ts'
import type { Board, Lines } from './hotline/board.ts'
import type { Standing } from './officer.svelte.ts'

/** What the node tells the console. Field names and meanings: instruments/warning/picture_types.py. */

import type { LineTrouble, Proposal, PublicAlerts, Resumption, Retraction, Watch } from './office/office.ts'

/** A moment, ISO 8601 with its offset. */
export type Moment = string

export type SensorKind = 'radar' | 'infrared'
export type Phase = 'unknown' | 'boost' | 'coast' | 'reentry' | 'maneuver'
export type TrackState = 'tracked' | 'coasting' | 'lost' | 'fallen'
export type Flag = 'sun' | 'clutter' | 'suspect-sensor'
export type NoticeFit = 'as notified' | 'notified, path not known yet' | 'not on the notified path' | 'more than were notified'
export type AlertReason = 'launch' | 'overflight' | 'impact'
export type AlertState = 'predicted' | 'withdrawn' | 'ended'
export type LineHealth = 'healthy' | 'path-down' | 'node-down' | 'relayed' | 'never'

/** Longitude, latitude (degrees), altitude (m), seconds after the track's first plot. */
export type PathPoint = readonly [lon_deg: number, lat_deg: number, alt_m: number, t_s: number]

export interface Area {
  readonly member: string
  readonly extent: string
}

export interface Position {
  readonly lat_deg: number
  readonly lon_deg: number
  readonly alt_m: number
}

/** Half axes on the ground; the long axis clockwise from north. */
export interface Ellipse {
  readonly semi_major_m: number
  readonly semi_minor_m: number
  readonly azimuth_deg: number
}

/** A place and a time, each within its bounds. */
export interface Point {
  readonly lat_deg: number
  readonly lon_deg: number
  readonly at: Moment
  readonly at_sigma_s: number
  readonly ellipse50: Ellipse
  readonly ellipse90: Ellipse
}

export type Launch = Point

export interface PredictedImpactPoint extends Point {
  readonly areas: readonly Area[]
}

/** Seen, not foreseen: plots led down to it. */
export interface ObservedImpactPoint extends Point {
  readonly areas: readonly Area[]
}

export interface VehicleClass {
  readonly name: string
  readonly probability: number
}

/** A launch that was announced for that time and place, and what time, place and path say of it. */
export interface NoticeMatch {
  readonly notice: string
  readonly member: string
  readonly notifier: string
  readonly number: string
  readonly vehicle: string
  readonly grade: string
  /** False: its grade is too poor to change a confidence. */
  readonly counts: boolean
  readonly fit: NoticeFit
  readonly time: string
  readonly place: string
  readonly path: string
}

export interface SystemTrack {
  readonly number: string
  readonly state: TrackState
  readonly phase: Phase
  readonly first_at: Moment
  readonly at: Moment
  readonly seen_at: Moment
  readonly position: Position
  readonly position_sigma_m: number
  readonly speed_mps: number
  readonly speed_sigma_mps: number
  readonly heading_deg: number
  readonly climb_mps: number
  readonly members: readonly string[]
  readonly tracks: readonly string[]
  readonly sensor_kinds: readonly SensorKind[]
  readonly sensors: number
  readonly confidence: string
  /** What it may be, the likeliest first. */
  readonly classes: readonly VehicleClass[]
  readonly trail: readonly PathPoint[]
  readonly path: readonly PathPoint[]
  readonly overflies: readonly Area[]
  readonly launch: Launch | null
  readonly impact: PredictedImpactPoint | null
  readonly no_impact_because: string | null
  readonly observed: ObservedImpactPoint | null
  /** The sensors that saw it, by owner and name. */
  readonly sources: readonly string[]
  readonly flags: readonly Flag[]
  readonly split_from: string | null
  readonly notice: NoticeMatch | null
}

/** Which office has read an alert, or one that it replaced. */
export interface AlertAcknowledgement {
  readonly member: string
  readonly office: string
  readonly by: string
  readonly at: Moment
  readonly alert: string
  /** False: the alert has named another area since. */
  readonly counts: boolean
}

export interface StandingAlert {
  readonly id: string
  readonly member: string
  readonly said_at: Moment
  readonly reason: AlertReason
  readonly state: AlertState
  readonly tracks: readonly string[]
  readonly areas: readonly Area[]
  readonly confidence: string
  readonly impact_at: Moment | null
  readonly lead_s: number | null
  readonly banner: string
  readonly words: string
  readonly acknowledged: readonly AlertAcknowledgement[]
}

export interface SensorSite {
  readonly name: string
  readonly kind: SensorKind
  readonly lat_deg: number
  readonly lon_deg: number
  readonly alt_m: number
  readonly max_range_m: number
  readonly sector_from_deg: number
  readonly sector_to_deg: number
  readonly last_scan_at: Moment | null
  /** Why our tracker doubts it now. */
  readonly suspect: string | null
}

/** What in the picture cannot well be true. */
export interface Warn {
  readonly first_at: Moment
  readonly last_at: Moment
  readonly tracks: number
  readonly confirmed: number
  readonly words: string
}

export interface Picture {
  readonly at: Moment
  readonly tracks: readonly SystemTrack[]
  readonly alerts: readonly StandingAlert[]
  readonly sensors: readonly SensorSite[]
  readonly warnings: readonly Warn[]
}

export interface Member {
  readonly code: string
  readonly name: string
  readonly admitted: boolean
}

/** Another world of the node, or this one, and where its page is. */
export interface WorldLink {
  readonly world: string
  readonly exercise: string | null
  readonly title: string
  readonly url: string
  readonly halted: boolean
}

/** Whose node this is, and in which world. Field names of this and what follows: api.py and node/site.py. */
export interface About {
  readonly member: string
  readonly name: string
  readonly compact: string
  readonly exercise: string | null
  readonly title: string
  readonly world: string
  readonly banner: string
  readonly now: Moment
  readonly real: Moment
  readonly rate: number
  readonly version: string
  readonly officer: string | null
  readonly members: readonly Member[]
  readonly worlds: readonly WorldLink[]
}

/** How the line to one partner stands. Its times are real, also in an exercise. */
export interface Link {
  readonly member: string
  readonly name: string
  readonly state: LineHealth
  readonly since: Moment | null
  readonly heard_at: Moment | null
  /** The member through which the line goes; empty for the direct path. */
  readonly via: string
}

/** What somebody must look into: reactions that failed, and peers whose heads tell another story than our log. */
export interface Trouble {
  readonly parked: readonly {
    readonly reaction: string
    readonly subject: string
    readonly error: string
    readonly at: Moment
  }[]
  readonly disagreements: readonly { readonly peer: string; readonly origin: string; readonly says: string }[]
}

/** What the stream pushes beside the picture (`changes.ts`); other types are other panels' and pass by. */
export type Message =
  | { readonly type: 'links'; readonly links: readonly Link[]; readonly trouble: Trouble & { readonly resumption?: Resumption | null } }
  | { readonly type: 'session'; readonly session: Standing }
  | { readonly type: 'clock'; readonly now: Moment; readonly rate: number; readonly real: Moment }
  | { readonly type: 'proposals'; readonly proposals: { readonly proposals: readonly Proposal[] } }
  | { readonly type: 'watch'; readonly watch: Watch }
  | { readonly type: 'public-alerts'; readonly 'public-alerts': PublicAlerts }
  | { readonly type: 'retractions'; readonly retractions: { readonly retractions: readonly Retraction[] } }
  | { readonly type: 'trouble'; readonly trouble: LineTrouble }
  | { readonly type: 'board'; readonly board: Board }
  | { readonly type: 'lines'; readonly lines: Lines }
  | { readonly type: 'consultations'; readonly consultations: Consultations }
