import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'vitest'

import { realTime, secondsSince, worldTime } from '../src/clock.ts'
import type { About, Area, Picture, StandingAlert, SystemTrack } from '../src/picture.ts'
import { age, areaNames, bounded, countdown, ellipseBound, place, seconds } from '../src/say.ts'
import { t } from '../src/strings.ts'
import { alertLevel, byUrgency, foremost, trackLevel } from '../src/urgency.ts'
import { quietWords, stripWords } from '../src/watch/strip.ts'
import { type Mark, rowsOf, spanOf, ticksOf } from '../src/watch/timeline.ts'

const NOW = '2022-10-03T22:27:00Z'
const NOW_MS = Date.parse(NOW)
const LAND: Area = { member: 'JPN', extent: 'territory' }
const ZONE: Area = { member: 'JPN', extent: 'zone' }

function track(number: string, impactIn_s: number | null, areas: readonly Area[] = []): SystemTrack {
  const ellipse = { semi_major_m: 20_000, semi_minor_m: 5_000, azimuth_deg: 80 }
  const at = new Date(NOW_MS + (impactIn_s ?? 0) * 1000).toISOString()
  return {
    number,
    state: 'tracked',
    phase: 'coast',
    first_at: NOW,
    at: NOW,
    seen_at: NOW,
    position: { lat_deg: 40, lon_deg: 130, alt_m: 300_000 },
    position_sigma_m: 100,
    speed_mps: 3_000,
    speed_sigma_mps: 10,
    heading_deg: 80,
    climb_mps: 1_000,
    members: ['JPN'],
    tracks: [`JPN-${number}`],
    sensor_kinds: ['radar'],
    sensors: 1,
    confidence: 'single source',
    classes: [],
    trail: new Float64Array(0),
    path: new Float64Array(0),
    overflies: [],
    launch: null,
    impact:
      impactIn_s === null
        ? null
        : { lat_deg: 36, lon_deg: 138, at, at_sigma_s: 10, earliest_at: at, latest_at: at, ellipse50: ellipse, ellipse90: ellipse, areas },
    no_impact_because: null,
    observed: null,
    sources: ['JPN/NORTH'],
    flags: [],
    split_from: null,
    notice: null,
  }
}

function alert(said: Partial<StandingAlert>): StandingAlert {
  return {
    id: 'a',
    member: 'JPN',
    said_at: NOW,
    reason: 'impact',
    state: 'predicted',
    tracks: ['JPN-1'],
    areas: [LAND],
    confidence: 'two kinds',
    impact_at: null,
    lead_s: null,
    banner: 'SECRET',
    words: '',
    acknowledged: [],
    ...said,
  }
}

const picture = (tracks: readonly SystemTrack[], alerts: readonly StandingAlert[]): Picture => ({
  at: NOW,
  tracks,
  alerts,
  sensors: [],
  warnings: [],
})

function fallen(number: string, areas: readonly Area[]): SystemTrack {
  const ellipse = { semi_major_m: 900, semi_minor_m: 500, azimuth_deg: 80 }
  const observed = {
    lat_deg: 36,
    lon_deg: 138,
    at: NOW,
    at_sigma_s: 1,
    ellipse50: ellipse,
    ellipse90: ellipse,
    areas,
  }
  return { ...track(number, null), state: 'fallen', observed }
}

test('an impact that was observed is never called predicted, and is red in our own country alone', () => {
  const about = { member: 'JPN', members: [{ code: 'JPN', name: 'Japan', admitted: true, standing: 'member' as const }] } as unknown as About
  assert.equal(trackLevel(fallen('1', [LAND]), 'JPN', NOW_MS), 'critical')
  assert.equal(trackLevel(fallen('1', [LAND]), 'KOR', NOW_MS), 'standby')
  const words = stripWords(picture([fallen('1', [LAND])], []), about, NOW_MS + 5_000)
  assert.equal(words?.head, 'IMPACT')
  assert.equal(words?.claim, 'impact observed in Japan')
  assert.equal(words?.count?.observed, true)
  assert.doesNotMatch(JSON.stringify(words), /predicted/)
})

test('a flag is said beside the confidence', () => {
  const about = { member: 'JPN', members: [] } as unknown as About
  const deceived = { ...track('1', null), flags: ['sun'] as const }
  const words = stripWords(picture([deceived], []), about, NOW_MS)
  assert.deepEqual(words?.sure, ['Single source, not confirmed', 'Sunlight may deceive'])
})

test('the clock runs at the rate of its world, the real time always at one', () => {
  const reading = { now_ms: 1_000_000, real_ms: 5_000_000, rate: 20, stopwatch_ms: 100 }
  assert.equal(worldTime(reading, 600), 1_010_000)
  assert.equal(realTime(reading, 600), 5_000_500)
  assert.equal(worldTime({ ...reading, rate: 0 }, 9_999), 1_000_000)
  assert.equal(secondsSince(NOW, NOW_MS + 5_000), 5)
})

test('a number is rounded to what its uncertainty deserves', () => {
  assert.deepEqual(bounded(492.0631, 0.25, 'km'), { value: '492.1 km', bound: '± 0.4 km' })
  assert.deepEqual(bounded(492.0631, 25, 'km'), { value: '492 km', bound: '± 41 km' })
  assert.equal(ellipseBound({ semi_major_m: 37_911, semi_minor_m: 11_373, azimuth_deg: 0 }), '± 38 × 11 km')
  assert.equal(seconds(9), '± 15 s')
  assert.equal(seconds(120), '± 3.3 min')
})

test('places wrap at 180 degrees and name their half of the world', () => {
  assert.equal(place(-35.5, 181.25, 2_000), '35.50°\u202fS 178.75°\u202fW')
  assert.equal(place(35.14, 179.14, 60_000), '35.1°\u202fN 179.1°\u202fE')
})

test('ages are coarse and never negative; a countdown is exact', () => {
  assert.deepEqual([-3, 0, 99, 100, 5_999, 6_000, 400_000].map(age), [
    '0 s',
    '0 s',
    '99 s',
    '1 min',
    '99 min',
    '1 h',
    '4 d',
  ])
  assert.deepEqual([0, 61, -61, 3_725].map(countdown), ['00:00', '01:01', '01:01', '1:02:05'])
})

test('a zone is not named beside its own land', () => {
  const members = [{ code: 'JPN', name: 'Japan', admitted: true, standing: 'member' as const }]
  assert.equal(areaNames([LAND, ZONE], members), 'Japan')
  assert.equal(areaNames([ZONE], members), 'Japan’s 200 NM zone')
})

test('words are filled in and counted', () => {
  assert.equal(t('strip.more', { n: 1 }), '1 more alert')
  assert.equal(t('strip.more', { n: 3 }), '3 more alerts')
})

test('only an impact in our own country, or a flight over it, is critical', () => {
  assert.equal(trackLevel(track('1', 300, [LAND]), 'JPN', NOW_MS), 'critical')
  assert.equal(trackLevel(track('1', 300, [LAND]), 'KOR', NOW_MS), 'serious')
  assert.equal(trackLevel(track('1', 300), 'JPN', NOW_MS), 'caution')
  assert.equal(trackLevel(track('1', -300, [LAND]), 'JPN', NOW_MS), 'off')
  assert.equal(alertLevel(alert({ reason: 'launch', areas: [] }), 'JPN'), 'caution')
  assert.equal(alertLevel(alert({ member: 'KOR', areas: [{ member: 'KOR', extent: 'zone' }] }), 'JPN'), 'serious')
  assert.equal(alertLevel(alert({ member: 'USA', areas: [ZONE] }), 'JPN'), 'critical')
})

test('the sooner impact comes first among equals', () => {
  const order = byUrgency(
    [track('1', null), track('2', 400, [LAND]), track('3', 200), track('4', 300, [LAND])],
    'JPN',
    NOW_MS,
  )
  assert.deepEqual(
    order.map(({ number }) => number),
    ['4', '2', '3', '1'],
  )
})

test('the strip shows the worst, whether or not anybody has said it', () => {
  assert.equal(foremost(picture([], []), 'JPN', NOW_MS), null)
  const unsaid = foremost(picture([track('1', 300, [LAND])], []), 'JPN', NOW_MS)
  assert.deepEqual([unsaid?.level, unsaid?.alert], ['critical', null])
  const said = foremost(picture([track('1', 300, [LAND])], [alert({})]), 'JPN', NOW_MS)
  assert.equal(said?.alert?.id, 'a')
})

test('a withdrawal is shown until it is old, unless something serious stands', () => {
  const withdrawn = alert({ id: 'w', state: 'withdrawn' })
  const shown = (picture: Picture, later_s: number) => foremost(picture, 'JPN', NOW_MS + later_s * 1000)?.alert?.id
  assert.equal(shown(picture([track('1', 900)], [withdrawn]), 60), 'w')
  assert.equal(shown(picture([track('1', 900)], [withdrawn]), 240), undefined)
  assert.equal(shown(picture([track('1', 900)], [withdrawn, alert({ id: 'b' })]), 60), 'b')
})

test('the words of the timeline do not run into each other', () => {
  const marks = Array.from({ length: 12 }, (_, n): Mark => ({
    key: String(n),
    kind: n === 3 ? 'now' : 'alert',
    at_ms: NOW_MS + n * 17_000,
    sigma_s: 0,
    words: 'JPN overflight predicted',
    level: 'off',
  }))
  const span = spanOf(marks, NOW_MS)
  const rows = rowsOf(marks, span, 900)
  const boxes = rows.flatMap(({ x, row, side, mark }) => {
    const wide = mark.words.length * 6.6
    return row === null
      ? []
      : [{ row, left: side === 'right' ? x + 6 : x - 6 - wide, right: side === 'right' ? x + 6 + wide : x - 6 }]
  })
  assert.ok(rows.some(({ mark, row }) => mark.kind === 'now' && row === 0))
  for (const a of boxes) {
    assert.ok(a.left >= 0 && a.right <= 900)
    for (const b of boxes) assert.ok(a === b || a.row !== b.row || a.right <= b.left || b.right <= a.left)
  }
  assert.ok(ticksOf(span, 900).length <= 9)
})

test('the strip says what, whose area, and whether it still stands', () => {
  const about = { member: 'JPN', members: [{ code: 'JPN', name: 'Japan', admitted: true, standing: 'member' as const }] } as unknown as About
  const says = (picture: Picture, later_s = 0) => {
    const words = stripWords(picture, about, NOW_MS + later_s * 1000)
    return words && `${words.head}: ${words.claim}${words.since && '; '}${words.since}`
  }
  const flight = track('1', 300, [LAND])
  assert.equal(says(picture([], [])), null)
  assert.equal(says(picture([track('1', null)], [])), 'LAUNCH: in flight, no impact point yet')
  assert.equal(says(picture([track('1', 300)], [])), 'LAUNCH: in flight, no member’s area in its path')
  assert.equal(says(picture([flight], [alert({})])), 'LAUNCH: impact predicted in Japan')
  assert.equal(says(picture([flight], [alert({ reason: 'launch', areas: [] })])), 'LAUNCH: impact predicted in Japan')
  assert.equal(
    says(picture([{ ...flight, state: 'lost' }], [alert({})]), 81),
    'LAUNCH: impact predicted in Japan; track lost 81 s ago',
  )
  assert.equal(
    says(picture([flight], [alert({})]), 310),
    'LAUNCH: predicted impact time has passed, impact not observed',
  )
  assert.equal(
    says(picture([], [alert({ state: 'withdrawn', reason: 'overflight' })])),
    'WITHDRAWN: flight over Japan predicted',
  )
  assert.equal(
    says(picture([], [alert({ state: 'ended', reason: 'overflight' })])),
    'ENDED: the overflight alert for Japan',
  )
})

test('quiet says whether anyone watches', () => {
  assert.match(quietWords(picture([], []), NOW_MS, 1), /None of our sensors is watching/)
})

test('a word is said in one place, so that no room speaks in the words of another', () => {
  const folder = new URL('../src/words/en/', import.meta.url)
  const files = readdirSync(folder).map((name) => new URL(name, folder))
  const said = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/^  '([a-z0-9.-]+)':/gm)].map(([, key]) => key))
  assert.ok(said.length > 500)
  assert.deepEqual(said.filter((key, n) => said.indexOf(key) !== n), [])
})

test('a name that turns the writing round turns none of our words round', () => {
  assert.equal(t('hot.with', { members: 'Japan' }), 'with Japan')
  assert.equal(t('hot.with', { members: '\u202eJapan' }), 'with \u2068Japan\u2069')
  assert.equal(t('hot.with', { members: '\u2069\u202eשלום' }), 'with \u2068שלום\u2069')
})
