import assert from 'node:assert/strict'
import { test } from 'vitest'

import type { Received } from '../src/hotline/board.ts'
import type { AlertAcknowledgement, Link, Picture, StandingAlert, SystemTrack } from '../src/picture.ts'
import { nextToAcknowledge } from '../src/watch/acknowledge.ts'
import { LAYERS, addressOf, criticalHidden, hiddenIn, layersOf, toggled, tracksShown, WHOLE } from '../src/watch/layers.ts'
import { areaStanding, edgeOf, edges, middleOf } from '../src/watch/noplay.ts'
import { conflictOf, eventsOf, waitingFor, waitingWith } from '../src/watch/queue.ts'
import { unseenOf } from '../src/watch/unseen.ts'

const NOW = '2022-10-03T22:27:00Z'
const NOW_MS = Date.parse(NOW)
const LAND = { member: 'JPN', extent: 'territory' }

const read = (member: string, counts = true): AlertAcknowledgement => ({
  member,
  office: 'Watch',
  by: 'officer:abe',
  at: NOW,
  alert: 'a',
  counts,
})

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

const point = { lat_deg: 36, lon_deg: 138, at: '2022-10-03T22:32:00Z', at_sigma_s: 9, areas: [LAND] }
const track = (changed: Partial<SystemTrack> = {}) =>
  ({ number: '1', tracks: ['JPN-1'], impact: point, observed: null, overflies: [], launch: null, trail: [], path: [], notice: null, ...changed }) as unknown as SystemTrack
const picture = (alerts: readonly StandingAlert[], tracks: readonly SystemTrack[] = [track()]) =>
  ({ at: NOW, tracks, alerts, sensors: [], warnings: [] }) as Picture

test('an address names what is shown, and none names everything', () => {
  assert.equal(addressOf(WHOLE), null)
  assert.equal(hiddenIn(null).size, 0)
  const hidden = toggled(toggled(WHOLE, 'labels'), 'zones')
  assert.deepEqual(hiddenIn(addressOf(hidden)), hidden)
  assert.equal(hiddenIn('symbols.nonsense').size, LAYERS.length - 1)
  assert.equal(toggled(hidden, 'zones').has('zones'), false)
})

test('a hidden layer that holds something critical is named, and no other', () => {
  const hidden = new Set(['impacts', 'launches', 'radar'] as const)
  assert.deepEqual(criticalHidden(picture([]), hidden, 'JPN', NOW_MS), ['impacts'])
  assert.deepEqual(criticalHidden(picture([]), hidden, 'KOR', NOW_MS), [])
})

test('only what flies as notified is hidden with the notified launches', () => {
  const notice = { fit: 'as notified', counts: true }
  const off = { fit: 'not on the notified path', counts: true }
  const tracks = [track({ notice } as never), track({ number: '2', notice: off } as never)]
  assert.deepEqual(tracksShown(tracks, new Set(['notified'])).map(({ number }) => number), ['2'])
  assert.equal(tracksShown(tracks, WHOLE).length, 2)
  assert.equal(tracksShown(tracks, new Set(['symbols'])).length, 0)
})

test('a group shows its worst alert', () => {
  const alerts = [alert({ id: 'l', member: 'USA', reason: 'launch', areas: [] }), alert({ id: 'i' })]
  const [event, ...others] = eventsOf(picture(alerts), 'JPN')
  assert.equal(others.length, 0)
  assert.equal(event?.level, 'critical')
  assert.deepEqual(event?.alerts.map(({ id }) => id), ['i', 'l'])
})

test('members that do not say the same are named', () => {
  const stands = alert({ id: 'i', impact_at: '2022-10-03T22:32:00Z' })
  const gone = alert({ id: 'k', member: 'KOR', state: 'withdrawn' })
  assert.equal(conflictOf([stands, gone])?.kind, 'withdrawn')
  assert.equal(conflictOf([stands, alert({ id: 'k', member: 'KOR', impact_at: '2022-10-03T22:34:00Z' })])?.kind, 'time')
  assert.equal(conflictOf([stands, alert({ id: 'k', member: 'KOR', impact_at: '2022-10-03T22:32:30Z' })]), null)
  assert.equal(conflictOf([gone, alert({ id: 'l', state: 'ended' })]), null)
})

test('an alert waits until an office of ours has read it, and again when it names another area', () => {
  const waits = (acknowledged: readonly AlertAcknowledgement[]) =>
    waitingFor(picture([alert({ acknowledged })]), 'JPN').length
  assert.deepEqual([waits([]), waits([read('KOR')]), waits([read('JPN')]), waits([read('JPN', false)])], [1, 1, 0, 1])
  assert.equal(waitingFor(picture([alert({ state: 'withdrawn' })]), 'JPN').length, 0)
})

test('one key acknowledges all that waits of one event', () => {
  const alerts = [alert({ id: 'a' }), alert({ id: 'b', member: 'KOR' }), alert({ id: 'c', tracks: ['JPN-2'] })]
  const here = picture(alerts, [track(), track({ number: '2', tracks: ['JPN-2'] })])
  assert.deepEqual(waitingWith(alerts[0] as StandingAlert, here, 'JPN').map(({ id }) => id).sort(), ['a', 'b'])
})

test('our own land comes before every call, a FLASH before a mere launch', () => {
  const call = (precedence: number) => ({ message: 'm', precedence }) as Received
  const [land, launch] = [alert({}), alert({ reason: 'launch', areas: [] })]
  assert.equal(nextToAcknowledge([land], [call(3)], 'JPN'), land)
  assert.deepEqual(nextToAcknowledge([launch], [call(3)], 'JPN'), call(3))
  assert.equal(nextToAcknowledge([launch], [call(2)], 'JPN'), launch)
  assert.deepEqual(nextToAcknowledge([], [call(1)], 'JPN'), call(1))
  assert.equal(nextToAcknowledge([], [], 'JPN'), null)
})

test('a cut line says since when nothing is seen, a line that goes round hides nothing', () => {
  const link = (member: string, state: string, heard_at: string | null) => ({ member, name: member, state, heard_at }) as Link
  const found = unseenOf([link('KOR', 'path-down', NOW), link('USA', 'relayed', NOW), link('AUS', 'never', null)], NOW_MS + 75_000)
  assert.deepEqual(found.map(({ member, since_s }) => [member, since_s]), [['KOR', 75], ['AUS', null]])
})

const AREA = {
  record: '1',
  name: 'Date line',
  corners_deg: [[10, 179], [10, -179], [8, -179], [8, 179]],
  begins_at: '2022-10-03T22:00:00Z',
  ends_at: '2022-10-03T23:00:00Z',
  why: '',
  member: 'JPN',
  now: true,
} as const

test('an area without play is in force from its first moment to before its last', () => {
  const at = (time: string) => areaStanding(AREA, Date.parse(time))
  assert.deepEqual(['2022-10-03T21:59:59Z', '2022-10-03T22:00:00Z', '2022-10-03T23:00:00Z'].map(at), ['later', 'now', 'over'])
})

test('an area without play is an edge with nothing in it, in one piece over the date line', () => {
  assert.deepEqual(edgeOf(AREA), [[179, 10], [181, 10], [181, 8], [179, 8], [179, 10]])
  assert.deepEqual(middleOf(AREA), { lon_deg: 180, lat_deg: 9 })
  assert.deepEqual(edges([AREA]).features.map(({ geometry }) => geometry.type), ['LineString'])
})

test('the live world has no layer of areas without play', () => {
  assert.equal(layersOf(null).includes('no-play'), false)
  assert.deepEqual(layersOf('freedom-27'), LAYERS)
})
