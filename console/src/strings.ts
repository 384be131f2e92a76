/** Every word on the page. `{name}` is filled in; `one` and `other` are chosen by `{n}`. */

interface Counted {
  readonly one: string
  readonly other: string
}

const en = {
  'live': 'LIVE',
  'exercise': 'EXERCISE',
  'exercise.named': 'EXERCISE {name}',
  'page.title': '{mark} · {name} · Laurel',
  'page.left': 'Tracks, alerts and sensors',
  'page.right': 'The event',
  'page.loading': 'Asking the node…',
  'world.switch': 'Other worlds of this node',
  'world.live': 'Live',
  'world.halted': '{world} (halted)',
  'map.loading': 'Drawing the globe…',

  'clock.utc': 'UTC',
  'clock.exercise': 'exercise time',
  'clock.rate': '×{rate}',
  'clock.paused': 'paused',
  'clock.real': 'Real {time}',
  'clock.viewer': 'here {time}',
  'clock.none': 'No time from the node yet',

  'line.title': 'Lines to partners',
  'line.healthy': 'Line up',
  'line.path-down': 'Path cut',
  'line.node-down': 'Node down',
  'line.relayed': 'Line up',
  'line.via': 'via {code}',
  'line.never': 'Never heard',
  'line.heard': 'heard {age} ago',
  'line.unseen': 'not heard for {age}: what {code} sees is missing here',
  'line.none': 'no partner yet',

  'lost.age': 'What you see is {age} old; reconnecting',
  'lost.never': 'No answer from the node; trying again',
  'signin.title': 'Sign in',
  'signin.how':
    'This page opens with a one-time link. Open the one you were given, or ask the administrator of this node for another:',
  'signin.then': 'This page goes on by itself once you are signed in.',

  'strip.title': 'Alert',
  'strip.none': 'No alert',
  'strip.none.detail': 'Nothing that is in flight threatens a member.',
  'strip.blind': 'No picture yet',
  'strip.launch': 'LAUNCH',
  'strip.impact': 'impact predicted in {where}',
  'strip.overflight': 'flight over {where} predicted',
  'strip.flight': 'in flight, no member’s area in its path',
  'strip.detected': 'launch detected',
  'strip.unknown': 'in flight, no impact point yet',
  'strip.over': 'predicted impact time has passed, impact not observed',
  'strip.IMPACT': 'IMPACT',
  'strip.observed': 'impact observed in {where}',
  'strip.observed.open': 'impact observed, in no member’s land or zone',
  'strip.lost': 'track lost {age} ago',
  'strip.flying': { one: '{n} in flight', other: '{n} in flight' },
  'strip.WITHDRAWN': 'WITHDRAWN',
  'strip.ENDED': 'ENDED',
  'strip.was.impact': 'the impact alert for {where}',
  'strip.was.overflight': 'the overflight alert for {where}',
  'strip.was.launch': 'the launch alert',
  'strip.more': { one: '{n} more alert', other: '{n} more alerts' },
  'strip.by': 'Said by {member} {age} ago',
  'strip.unsaid': 'From the picture; nobody has warned of it yet',
  'sensors.seen': { one: '{n} sensor: {kinds}', other: '{n} sensors: {kinds}' },

  'count.to': 'to predicted impact',
  'count.past': 'since the predicted impact time',
  'count.since': 'since the observed impact',
  'count.none': 'no impact time',

  'alerts.title': 'Alerts',
  'alerts.none': 'None',
  'alert.impact': 'Impact',
  'alert.overflight': 'Overflight',
  'alert.launch': 'Launch',
  'alert.predicted': 'predicted',
  'alert.detected': 'detected',
  'alert.withdrawn': 'withdrawn',
  'alert.ended': 'ended',
  'alert.said': '{member}, {time}, {age} ago',
  'alert.lead': 'warned {lead} ahead',

  'tracks.title': 'In flight',
  'tracks.none': 'None',
  'tracks.caption': 'Tracks on the globe, most urgent first',
  'tracks.track': 'Track',
  'tracks.phase': 'Phase',
  'tracks.height': 'Height',
  'tracks.speed': 'Speed',
  'tracks.impact': 'Impact',
  'tracks.age': 'Age',
  'tracks.place': 'Place',

  'sensors.title': 'Watching',
  'sensors.last': 'last scan',
  'sensors.none': 'This node has no sensor of its own.',
  'sensor.radar': 'radar',
  'sensor.infrared': 'infrared',
  'sensor.scan': '{age} ago',
  'sensor.quiet': 'quiet {age}',
  'sensor.never': 'none yet',

  'sensor.doubted': 'Doubted: {why}',

  'warn.title': 'What to doubt',
  'warn.head': 'IMPLAUSIBLE COUNT',

  'calm.title': 'Nothing is in flight.',
  'calm.watching': { one: '{n} sensor of ours is watching.', other: '{n} sensors of ours are watching.' },
  'calm.newest': 'Newest scan {age} ago.',
  'calm.quiet': { one: '{n} sensor is quiet.', other: '{n} sensors are quiet.' },
  'calm.blind': 'None of our sensors is watching. This calm says nothing.',
  'calm.lines': 'All lines are up.',
  'calm.no-picture': 'The node has sent no picture yet.',

  'card.title': 'Missile, not identified',
  'card.track': 'Track {number}',
  'card.tracked': 'last plot {age} ago',
  'card.coasting': 'coasting, no plot for {age}',
  'card.fallen': 'down, last plot {age} ago',
  'card.lost': 'lost {age} ago, no impact seen',
  'card.what': 'Confidence',
  'card.seen': 'Seen by',
  'card.from': 'From',
  'card.now': 'Now',
  'card.height': 'Height',
  'card.speed': 'Speed',
  'card.heading': 'Heading',
  'card.place': 'Place',
  'card.rising': 'rising',
  'card.falling': 'falling',
  'card.level': 'level',
  'card.impact': 'Predicted impact',
  'card.impact.none': 'No impact point yet',
  'card.impact.passed': 'Predicted impact time has passed',
  'card.impact.unobserved': 'No impact was observed here.',
  'card.observed': 'Impact observed',
  'card.observed.ago': 'ago',
  'card.split': 'Split from',
  'card.class': 'May be',
  'card.time': 'Time',
  'card.where': 'Area',
  'card.open': 'no member’s land or zone',
  'card.overflies': 'Overflies',
  'card.launch': 'Launch, estimated',
  'card.launch.none': 'No launch estimate yet',
  'card.uncertain': '± holds 9 times in 10. Fused here {age} ago.',
  'card.stale': 'Stale: shown as it was {age} ago.',

  'phase.unknown': 'unknown',
  'phase.boost': 'boost',
  'phase.coast': 'coast',
  'phase.reentry': 'reentry',
  'phase.maneuver': 'manoeuvre',
  'state.tracked': 'tracked',
  'state.coasting': 'coasting',
  'state.lost': 'lost',
  'state.fallen': 'impact observed',
  'confidence.two kinds': 'two kinds of sensor agree',
  'confidence.two of one kind': 'sensors of one kind only',
  'confidence.single source': 'single source, not confirmed',
  'confidence.single source, implausible count': 'single source, too many at once to believe',
  'flag.sun': 'sunlight may deceive',
  'flag.clutter': 'began among false plots',
  'flag.suspect-sensor': 'rests on a doubted sensor',

  'area.territory': '{member}',
  'area.zone': '{member}’s 200 NM zone',
  'area.other': '{member} ({extent})',

  'line.title.time': 'Timeline',
  'time.launch': 'Launch',
  'time.first': 'First plot',
  'time.last': 'Last plot',
  'time.now': 'Now',
  'time.observed': 'Impact observed',
  'time.impact': 'Predicted impact',
  'time.alert': '{member} {reason} {state}',

  'map.label': 'Globe. The table of tracks says the same.',
  'map.missing': 'This browser cannot draw the globe (no WebGL 2). The table shows the same tracks.',
  'map.follow': 'Follow',
  'map.following': 'Following',
  'map.flown': 'flown',
  'map.predicted': 'predicted',
  'map.ellipses': 'launch, 50 and 90 %',
  'map.impacts': 'predicted impact, 50 and 90 %',
  'map.coverage': 'our radars, greatest range',
  'map.impact': 'predicted impact',
  'map.observed': 'impact observed',
  'map.launch': 'launch',
  'map.lost': 'lost {age} ago',

  'trouble.disagrees': '{peer} {says} (lane of {origin}).',
  'trouble.parked': { one: '{n} reaction failed and is parked.', other: '{n} reactions failed and are parked.' },
  'trouble.title': 'Trouble',

  'help.title': 'Keys',
  'help.next': 'Next track',
  'help.previous': 'Previous track',
  'help.urgent': 'Most urgent track',
  'help.follow': 'Camera follows the flight, or stays',
  'help.help': 'This page of keys',
  'help.close': 'Close',
  'help.reading': 'How to read it',
  'help.red': 'Red is kept for one thing: an impact in, or a flight over, your own country.',
  'help.predicted': 'Dashed is predicted. Solid has been observed.',
  'help.bounds': 'Every ± holds 9 times in 10. Ellipses hold 5 and 9 times in 10.',
  'help.stale': 'What grows old fades, and says how old it is.',

  'unit.s': '{n} s',
  'unit.min': '{n} min',
  'unit.h': '{n} h',
  'unit.d': '{n} d',
} as const satisfies Record<string, string | Counted>

export type Key = keyof typeof en
export type Values = Readonly<Record<string, string | number>>

export const LANGUAGE = 'en'
const plural = new Intl.PluralRules(LANGUAGE)

/** The words of `key`, with `values` filled in. */
export function t(key: Key, values: Values = {}): string {
  const entry: string | Counted = en[key]
  const words =
    typeof entry === 'string' ? entry : plural.select(Number(values['n'])) === 'one' ? entry.one : entry.other
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** True when there are words for it: what a node says freely is shown as it stands otherwise. */
export function known(key: string): key is Key {
  return Object.hasOwn(en, key)
}
