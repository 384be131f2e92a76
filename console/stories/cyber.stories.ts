import AdvisoryView from '../src/cyber/AdvisoryView.svelte'
import type { Advisories, Events, Indicators, ObjectCourse, Objects, Shelf, Tlp as Marking } from '../src/cyber/cyber.ts'
import CyberList from '../src/cyber/CyberList.svelte'
import CyberRoom from '../src/cyber/CyberRoom.svelte'
import EventView from '../src/cyber/EventView.svelte'
import IndicatorFacts from '../src/cyber/IndicatorFacts.svelte'
import IndicatorView from '../src/cyber/IndicatorView.svelte'
import ObjectView from '../src/cyber/ObjectView.svelte'
import SeenPlot from '../src/cyber/SeenPlot.svelte'
import Sheet from '../src/cyber/Sheet.svelte'
import Sightings from '../src/cyber/Sightings.svelte'
import Tlp from '../src/cyber/Tlp.svelte'
import type { Desk } from '../src/frame/desk.svelte.ts'
import { words } from './snippets.ts'
import { asked, nothing, panel, seen, there, told } from './story.ts'

const events = async () => (await asked<Events>('cyber/events')).events
const advisories = async () => (await asked<Advisories>('cyber/advisories')).advisories
const indicators = async () => (await asked<Indicators>('cyber/indicators')).indicators
const objects = async () => (await asked<Objects>('cyber/objects')).objects
const event = async () => there((await events())[0])
const indicator = async (isSeen: boolean) => there((await indicators()).find(({ sightings }) => sightings.length > 0 === isSeen))
const open = { onobject: nothing, onadvisory: nothing, onconsult: nothing }

const room = (id: () => Promise<string | null>) => async (desk: Desk) => panel(await id())(desk)
const list = (shelf: Shelf) => async (desk: Desk) => ({
  about: there(desk.about),
  shelf,
  events: await events(),
  advisories: await advisories(),
  indicators: await indicators(),
  objects: await objects(),
  of: null,
  onopen: nothing,
})
const advisory = (isReplaced: boolean) => async (desk: Desk) => ({
  about: there(desk.about),
  ...open,
  row: there((await advisories()).find(({ replaced_by }) => (replaced_by !== null) === isReplaced)),
})
const seenBy = (isSeen: boolean) => async (desk: Desk) => ({
  ...seen(desk),
  sightings: (await indicator(isSeen)).sightings,
})
const whole = (isSeen: boolean) => async (desk: Desk) => ({
  ...seen(desk),
  indicator: await indicator(isSeen),
  onobject: nothing,
})
const object = (such: (course: ObjectCourse) => boolean) => async (desk: Desk) => {
  for (const { id } of await objects()) {
    if (such(await asked<ObjectCourse>(`cyber/object?id=${id}`))) return { ...seen(desk), ...open, id, beat: 0 }
  }
  throw new Error('the scene lacks what this story is about')
}
const marked = (tlp: Marking) => ({ scene: 'calm', props: () => ({ tlp }) })

export const stories = [
  ...told('cyber/CyberRoom', CyberRoom, {
    unopened: { scene: 'talk', props: room(async () => null) },
    event: { scene: 'talk', props: room(async () => `event:${(await event()).subject}`) },
    exercise: { scene: 'talk.freedom-27', props: room(async () => `event:${(await event()).subject}`) },
    empty: { scene: 'calm', props: room(async () => null) },
  }),
  ...told('cyber/CyberList', CyberList, {
    events: { scene: 'talk', props: list('event') },
    advisories: { scene: 'talk', props: list('advisory') },
    indicators: { scene: 'talk', props: list('indicator') },
    objects: { scene: 'talk', props: list('object') },
    empty: { scene: 'calm', props: list('event') },
  }),
  ...told('cyber/EventView', EventView, {
    seenByTwo: { scene: 'talk', props: async (desk) => ({ ...seen(desk), ...open, event: await event() }) },
  }),
  ...told('cyber/AdvisoryView', AdvisoryView, {
    standing: { scene: 'talk', props: advisory(false) },
    replaced: { scene: 'talk', props: advisory(true) },
  }),
  ...told('cyber/IndicatorView', IndicatorView, {
    seen: { scene: 'talk', props: whole(true) },
    unseen: { scene: 'talk', props: whole(false) },
  }),
  ...told('cyber/ObjectView', ObjectView, {
    joined: { scene: 'talk', props: object(({ relations }) => relations.length > 0) },
    alone: { scene: 'talk', props: object(({ relations }) => relations.length === 0) },
  }),
  ...told('cyber/IndicatorFacts', IndicatorFacts, {
    two: { scene: 'talk', props: async () => ({ indicator: await indicator(true), onobject: nothing }) },
  }),
  ...told('cyber/Sightings', Sightings, {
    some: { scene: 'talk', props: seenBy(true) },
    none: { scene: 'talk', props: seenBy(false) },
  }),
  ...told('cyber/SeenPlot', SeenPlot, { some: { scene: 'talk', props: seenBy(true) } }),
  ...told('cyber/Sheet', Sheet, {
    plain: {
      scene: 'calm',
      props: (desk) => ({
        title: 'Beacon of a loader for maintenance laptops',
        banner: there(desk.about).banner,
        above: words('What it is.'),
        children: words('What it says.'),
        onconsult: nothing,
      }),
    },
    rightToLeft: {
      scene: 'calm',
      props: (desk) => ({
        title: 'تحذير بشأن أجهزة الصيانة المحمولة في الموانئ',
        lang: 'ar',
        banner: there(desk.about).banner,
        above: words('What it is.'),
        children: words('What it says.'),
      }),
    },
  }),
  ...told('cyber/Tlp', Tlp, {
    red: marked('TLP:RED'),
    strict: marked('TLP:AMBER+STRICT'),
    amber: marked('TLP:AMBER'),
    green: marked('TLP:GREEN'),
    clear: marked('TLP:CLEAR'),
  }),
]
