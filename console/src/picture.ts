/** What the node tells the console, by the names that the page has for it. */
import type { Answers, Ellipse, Moment, PathPoint, Picture as ToldPicture, SystemTrack as ToldTrack } from './api.ts'

export type {
  About,
  AlertAcknowledgement,
  AlertReason,
  AlertState,
  Ellipse,
  Flag,
  Launch,
  LinkState as LineHealth,
  MemberRow as Member,
  Moment,
  NodeSiteLinkRow as Link,
  NodeSiteTrouble as Trouble,
  NoticeFit,
  NoticeMatch,
  ObservedImpactPoint,
  Phase,
  PredictedImpactPoint,
  SensorKind,
  SensorSite,
  StandingAlert,
  TrackState,
  VehicleClass,
  Warn,
  WarningPictureTypesPosition as Position,
  WarningRecordsArea as Area,
  WorldLink,
} from './api.ts'

/** Points one behind the other, `POINT` numbers each: longitude, latitude, altitude and seconds. Many lists would take long. */
export type Line = Float64Array
export const POINT: PathPoint['length'] = 4

/** As the node tells it, but for its lines. */
export interface SystemTrack extends Omit<ToldTrack, 'trail' | 'path'> {
  readonly trail: Line
  readonly path: Line
}

export interface Picture extends Omit<ToldPicture, 'tracks'> {
  readonly tracks: readonly SystemTrack[]
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

/** What the stream pushes; some of it is other panels' and passes by. */
export type Message = Answers['stream']
