import type { Areas } from '../src/api.ts'
import type { Desk } from '../src/frame/desk.svelte.ts'
import AlertList from '../src/watch/AlertList.svelte'
import AlertStrip from '../src/watch/AlertStrip.svelte'
import Calm from '../src/watch/Calm.svelte'
import EventCard from '../src/watch/EventCard.svelte'
import Fact from '../src/watch/Fact.svelte'
import FlatMap from '../src/watch/FlatMap.svelte'
import LaunchCard from '../src/watch/LaunchCard.svelte'
import LayerPanel from '../src/watch/LayerPanel.svelte'
import { type Layers, WHOLE } from '../src/watch/layers.ts'
import NoPlayList from '../src/watch/NoPlayList.svelte'
import Retractions from '../src/watch/Retractions.svelte'
import Sensors from '../src/watch/Sensors.svelte'
import Timeline from '../src/watch/Timeline.svelte'
import TrackTable from '../src/watch/TrackTable.svelte'
import Trouble from '../src/watch/Trouble.svelte'
import { unseenOf } from '../src/watch/unseen.ts'
import UnseenList from '../src/watch/UnseenList.svelte'
import Warnings from '../src/watch/Warnings.svelte'
import WatchRoom from '../src/watch/WatchRoom.svelte'
import { asked, nothing, seen, there, told } from './story.ts'

const picture = (desk: Desk) => there(desk.picture)
const rate = ({ stream }: Desk) => stream.rate

const strip = (desk: Desk) => ({ ...seen(desk), picture: desk.picture, rate: rate(desk) })
const card = (desk: Desk) => ({ ...seen(desk), track: there(desk.track), rate: rate(desk) })
const alerts = (desk: Desk) => ({ ...seen(desk), picture: picture(desk), onchoose: nothing })
const calm = (desk: Desk) => ({
  picture: desk.picture,
  links: desk.stream.links,
  lines: desk.stream.lines,
  now_ms: desk.now_ms,
  real_ms: desk.stream.real_ms,
  rate: rate(desk),
})
const table = (isWide: boolean) => (desk: Desk) => ({
  ...seen(desk),
  picture: picture(desk),
  rate: rate(desk),
  selected: desk.track?.number ?? null,
  wide: isWide,
  hidden: WHOLE,
  leftOut: 0,
  onchoose: nothing,
})
const sensors = (desk: Desk) => ({ sensors: picture(desk).sensors, now_ms: desk.now_ms, rate: rate(desk) })
const timeline = (desk: Desk) => ({ ...seen(desk), picture: desk.picture, track: desk.track })
const retractions = (desk: Desk) => ({ ...seen(desk), retractions: desk.stream.retractions })
const trouble = (desk: Desk) => ({
  about: there(desk.about),
  trouble: desk.stream.trouble,
  line: desk.stream.lineTrouble,
})
const launch = (desk: Desk) => ({
  ...alerts(desk),
  track: there(desk.track),
  alert: desk.alert,
  ready: false,
  next: desk.alert?.id ?? null,
  refused: '',
  onacknowledge: nothing,
  onconsult: nothing,
  onissue: nothing,
})
const layers = (hidden: Layers) => (desk: Desk) => ({ ...alerts(desk), hidden, ontoggle: nothing })
const noPlay = async () => ({ areas: (await asked<Areas>('exercise/areas')).areas })
const flat = (desk: Desk) => ({
  ...alerts(desk),
  areas: [],
  rate: rate(desk),
  selected: desk.track?.number ?? null,
  lost: false,
  hidden: WHOLE,
  height: 480,
})
const unseen = ({ stream }: Desk) => ({ unseen: unseenOf(stream.links, stream.real_ms) })
const warnings = (desk: Desk) => ({ warnings: picture(desk).warnings })
const room = (desk: Desk) => {
  const { stream, officer, view, track, ready, alert } = desk
  const asks = { next: alert?.id ?? null, refused: '', onacknowledge: nothing, onissue: nothing, onconsult: nothing }
  return { ...seen(desk), stream, officer, view, track, ready, alert, ...asks }
}

export const stories = [
  ...told('watch/AlertStrip', AlertStrip, {
    calm: { scene: 'calm', props: strip },
    overflight: { scene: 'midflight', props: strip },
    exercise: { scene: 'midflight.freedom-27', props: strip },
    replay: { scene: 'midflight.replay', props: strip },
    lost: { scene: 'lost', props: strip },
    withdrawn: { scene: 'withdrawn', props: strip },
    observed: { scene: 'observed', props: strip },
    raid: { scene: 'raid', props: strip },
  }),
  ...told('watch/EventCard', EventCard, {
    launch: { scene: 'launch', props: card },
    midflight: { scene: 'midflight', props: card },
    exercise: { scene: 'midflight.freedom-27', props: card },
    lost: { scene: 'lost', props: card },
    observed: { scene: 'observed', props: card },
    announced: { scene: 'announced', props: card },
    doubtful: { scene: 'doubtful', props: card },
  }),
  ...told('watch/WatchRoom', WatchRoom, {
    calm: { scene: 'calm', props: room },
    overflight: { scene: 'midflight', props: room },
    exercise: { scene: 'midflight.freedom-27', props: room },
    replay: { scene: 'midflight.replay', props: room },
    lost: { scene: 'lost', props: room },
  }),
  ...told('watch/AlertList', AlertList, {
    overflight: { scene: 'midflight', props: alerts },
    passed: { scene: 'passed', props: alerts },
    withdrawn: { scene: 'withdrawn', props: alerts },
    none: { scene: 'calm', props: alerts },
  }),
  ...told('watch/LaunchCard', LaunchCard, {
    waiting: { scene: 'impact', props: launch },
    exercise: { scene: 'impact.freedom-27', props: launch },
    replay: { scene: 'impact.replay', props: launch },
    ready: { scene: 'impact', props: (desk) => ({ ...launch(desk), ready: true }) },
    later: { scene: 'impact', props: (desk) => ({ ...launch(desk), next: null }) },
    refused: { scene: 'impact', props: (desk) => ({ ...launch(desk), refused: 'This author may not do that. Sign in with the role it needs.' }) },
    none: { scene: 'observed', props: launch },
  }),
  ...told('watch/LayerPanel', LayerPanel, {
    whole: { scene: 'impact', props: layers(WHOLE) },
    exercise: { scene: 'impact.freedom-27', props: layers(WHOLE) },
    critical: { scene: 'impact', props: layers(new Set(['impacts', 'radar'])) },
  }),
  ...told('watch/FlatMap', FlatMap, {
    impact: { scene: 'impact', props: flat },
    raid: { scene: 'raid', props: flat },
    exercise: { scene: 'impact.freedom-27', props: async (desk) => ({ ...flat(desk), ...(await noPlay()) }) },
    lost: { scene: 'impact', props: (desk) => ({ ...flat(desk), lost: true }) },
    empty: { scene: 'calm', props: flat },
  }),
  ...told('watch/NoPlayList', NoPlayList, {
    exercise: { scene: 'calm.freedom-27', props: async (desk) => ({ now_ms: desk.now_ms, ...(await noPlay()) }) },
    none: { scene: 'calm', props: (desk) => ({ now_ms: desk.now_ms, areas: [] }) },
  }),
  ...told('watch/UnseenList', UnseenList, {
    cut: { scene: 'dark', props: unseen },
    none: { scene: 'calm', props: unseen },
  }),
  ...told('watch/TrackTable', TrackTable, {
    one: { scene: 'midflight', props: table(false) },
    raid: { scene: 'raid', props: table(false) },
    wide: { scene: 'raid', props: table(true) },
    announced: { scene: 'announced', props: table(false) },
    none: { scene: 'calm', props: table(false) },
  }),
  ...told('watch/Sensors', Sensors, {
    heard: { scene: 'calm', props: sensors },
    doubted: { scene: 'doubtful', props: sensors },
    silent: {
      scene: 'calm',
      props: (desk) => ({
        ...sensors(desk),
        sensors: picture(desk).sensors.map((sensor) => ({ ...sensor, last_scan_at: null })),
      }),
    },
  }),
  ...told('watch/Calm', Calm, {
    whole: { scene: 'calm', props: calm },
    cut: { scene: 'lost', props: calm },
    unanswered: { scene: 'talk', props: calm },
    unknown: { scene: 'calm', props: (desk) => ({ ...calm(desk), picture: null }) },
  }),
  ...told('watch/Timeline', Timeline, {
    calm: { scene: 'calm', props: timeline },
    launch: { scene: 'launch', props: timeline },
    overflight: { scene: 'midflight', props: timeline },
    observed: { scene: 'observed', props: timeline },
  }),
  ...told('watch/Retractions', Retractions, {
    waiting: { scene: 'lost', props: retractions },
    none: { scene: 'calm', props: retractions },
  }),
  ...told('watch/Trouble', Trouble, {
    forked: { scene: 'lost', props: trouble },
    none: { scene: 'calm', props: trouble },
  }),
  ...told('watch/Warnings', Warnings, {
    flood: { scene: 'doubtful', props: warnings },
    none: { scene: 'calm', props: warnings },
  }),
  ...told(
    'watch/Fact',
    Fact,
    {
      bounded: { scene: 'calm', props: () => ({ name: 'Altitude', value: '969', bound: '± 2 km' }) },
      plain: { scene: 'calm', props: () => ({ name: 'First seen', value: '22:22:42 UTC' }) },
      names: { scene: 'calm', props: () => ({ name: 'Seen by', value: 'JPN/NORTH, JPN/WEST, KOR/EAST', names: true }) },
    },
    'dl',
  ),
]
