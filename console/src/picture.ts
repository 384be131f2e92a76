/** What the node tells the console, by the names that the page has for it. */
import type { Answers, Ellipse, Moment } from './api.ts'

export type {
  About,
  AlertAcknowledgement,
  AlertReason,
  AlertState,
  Area,
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
  PathPoint,
  Phase,
  Picture,
  PredictedImpactPoint,
  SensorKind,
  SensorSite,
  StandingAlert,
  SystemTrack,
  TrackState,
  VehicleClass,
  Warn,
  WarningPictureTypesPosition as Position,
  WorldLink,
} from './api.ts'

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
