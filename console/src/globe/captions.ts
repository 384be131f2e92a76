/** What is written on the globe, and where it lands: made anew whenever the picture or the view changes. */
import type { ExercisePlayedArea as Area } from '../api.ts'
import { secondsSince } from '../clock.ts'
import type { Picture, SensorSite, SystemTrack } from '../picture.ts'
import { age, countryName, ellipseBound, km, seconds, utc } from '../say.ts'
import { t } from '../strings.ts'
import { quietAfter_s } from '../urgency.ts'
import type { Landed, Place3 } from './camera.ts'
import type { Geography } from './geography.ts'
import { type Label, CHOSEN } from './labels.ts'
import type { Layers } from '../watch/layers.ts'
import { middleOf } from '../watch/noplay.ts'
import type { Unseen } from '../watch/unseen.ts'
import { type Drawn } from './scene.ts'

/** Labels beyond this many only hide each other. */
const MAX_TRACKS = 40
const MEMBER_WEIGHT = 40
const SENSOR_WEIGHT = 20
const AREA_WEIGHT = 10

interface Written {
  readonly picture: Picture
  /** The most urgent last. */
  readonly drawn: readonly Drawn[]
  /** Where nothing is played now. */
  readonly areas: readonly Area[]
  readonly land: Geography | null
  readonly own: string
  readonly now_ms: number
  readonly rate: number
  readonly hidden: Layers
  /** Whose reports do not reach us. */
  readonly unseen: readonly Unseen[]
  readonly project: (place: Place3) => Landed
}

export function captions({ picture, drawn, areas, land, own, now_ms, rate, hidden, unseen, project }: Written): Label[] {
  const ground = (at: { lon_deg: number; lat_deg: number }) => project({ ...at, alt_m: 0 })
  const plain = { detail: '', critical: false, fade: 1, side: 'right' } as const
  const tracks = drawn
    .toReversed()
    .slice(0, MAX_TRACKS)
    .flatMap((one, n) => [
      ...(hidden.has('symbols') ? [] : [flight(one, CHOSEN - 50 - n, now_ms, project)]),
      ...(one.selected ? ends(one, own, ground) : []),
    ])
  const sensors = picture.sensors
    .filter(({ kind }) => !hidden.has(kind))
    .map((sensor): Label => ({
      ...plain,
      key: `sensor-${sensor.name}`,
      kind: 'sensor',
      text: sensor.name,
      detail: silence(sensor, now_ms, rate),
      weight: SENSOR_WEIGHT,
      clear: 12,
      landed: ground(sensor),
    }))
  const names = hidden.has('territory') ? [] : (land?.names ?? [])
  const members = names.map(({ code, text, at: [lon_deg, lat_deg] }): Label => ({
    ...plain,
    detail: darkness(unseen.find(({ member }) => member === code)),
    key: `member-${code}`,
    kind: 'member',
    text: countryName(code, text),
    // What one does not see comes before what one does.
    weight: unseen.some(({ member }) => member === code) ? CHOSEN + 10 : MEMBER_WEIGHT,
    clear: 0,
    landed: ground({ lon_deg, lat_deg }),
  }))
  const played = areas.map((area): Label => ({
    ...plain,
    key: `area-${area.record}`,
    kind: 'area',
    text: area.name,
    weight: AREA_WEIGHT,
    clear: 0,
    landed: ground(middleOf(area)),
  }))
  return [...tracks, ...sensors, ...members, ...played]
}

function flight(
  { track, critical, selected, fade }: Drawn,
  weight: number,
  now_ms: number,
  project: (place: Place3) => Landed,
): Label {
  return {
    key: `track-${track.number}`,
    kind: 'track',
    text: t('card.track', { number: track.number }),
    detail: selected ? motion(track, now_ms) : '',
    weight: selected ? CHOSEN + 100 : weight,
    critical,
    fade,
    clear: 20,
    landed: project(track.position),
    side: 'right',
  }
}

/** Where the chosen flight came from and where it is predicted to end. */
function ends(
  { track, fade }: Drawn,
  own: string,
  ground: (at: { lon_deg: number; lat_deg: number }) => Landed,
): Label[] {
  const { launch, impact, observed, number, position } = track
  const launchAt = ground(launch ?? position)
  const impactAt = ground(observed ?? impact ?? position)
  const eastward = impactAt.x > launchAt.x
  const labels: Label[] = []
  if (launch) {
    labels.push({
      key: `launch-${number}`,
      kind: 'launch',
      text: t('map.launch'),
      detail: ellipseBound(launch.ellipse90),
      weight: CHOSEN,
      critical: false,
      fade,
      clear: 14,
      landed: launchAt,
      side: eastward ? 'left' : 'right',
    })
  }
  if (observed) {
    labels.push({
      key: `observed-${number}`,
      kind: 'observed',
      text: `${t('map.observed')} ${utc(observed.at)}`,
      detail: `${seconds(observed.at_sigma_s)}, ${ellipseBound(observed.ellipse90)}`,
      weight: CHOSEN + 50,
      critical: observed.areas.some((area) => area.member === own),
      fade,
      clear: 20,
      landed: impactAt,
      side: eastward ? 'right' : 'left',
    })
  } else if (impact) {
    labels.push({
      key: `impact-${number}`,
      kind: 'impact',
      text: `${t('map.impact')} ${utc(impact.at)}`,
      detail: `${seconds(impact.at_sigma_s)}, ${ellipseBound(impact.ellipse90)}`,
      weight: CHOSEN + 50,
      critical: impact.areas.some((area) => area.member === own),
      fade,
      clear: 20,
      landed: impactAt,
      side: eastward ? 'right' : 'left',
    })
  }
  return labels
}

function silence({ last_scan_at }: SensorSite, now_ms: number, rate: number): string {
  if (last_scan_at === null) return t('sensor.never')
  const silent_s = secondsSince(last_scan_at, now_ms)
  return silent_s > quietAfter_s(rate) ? t('sensor.quiet', { age: age(silent_s) }) : ''
}

const darkness = (one: Unseen | undefined) =>
  one ? (one.since_s === null ? t('unseen.never') : t('unseen.since', { age: age(one.since_s) })) : ''

function motion(track: SystemTrack, now_ms: number): string {
  if (track.observed) return ''
  if (track.state === 'lost') return t('map.lost', { age: age(secondsSince(track.seen_at, now_ms)) })
  return `${km(track.position.alt_m)}, ${(track.speed_mps / 1000).toFixed(1)} km/s`
}
