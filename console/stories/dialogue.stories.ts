import AgendaPaper from '../src/dialogue/AgendaPaper.svelte'
import CommitmentView from '../src/dialogue/CommitmentView.svelte'
import DialogueRoom from '../src/dialogue/DialogueRoom.svelte'
import Judgements from '../src/dialogue/Judgements.svelte'
import MeetingList from '../src/dialogue/MeetingList.svelte'
import MeetingView from '../src/dialogue/MeetingView.svelte'
import Promises from '../src/dialogue/Promises.svelte'
import SayPaper from '../src/dialogue/SayPaper.svelte'
import SeriesView from '../src/dialogue/SeriesView.svelte'
import Source from '../src/dialogue/Source.svelte'
import Years from '../src/dialogue/Years.svelte'
import type { CommitmentRow, Commitments, MeetingRow, Meetings, SeriesList, SeriesRow } from '../src/dialogue/years.ts'
import type { Desk } from '../src/frame/desk.svelte.ts'
import { asked, nothing, panel, there, told } from './story.ts'

const CALM = 'calm'
const series = () => asked<SeriesList>('dialogue/series')
const meetings = async () => (await asked<Meetings>('dialogue/meetings?most=500')).meetings
const promises = async () => (await asked<Commitments>('dialogue/commitments?closed=true')).commitments

const theSeries = async (such: (row: SeriesRow) => boolean) => there((await series()).series.find(such))
const theMeeting = async (such: (row: MeetingRow) => boolean) => there((await meetings()).find(such))
const thePromise = async (such: (row: CommitmentRow) => boolean) => there((await promises()).find(such))

const planned = ({ state }: MeetingRow) => state === 'planned'
const held = ({ state }: MeetingRow) => state === 'held'
const judged = ({ reviews }: CommitmentRow) => reviews.length > 0
const own = ({ member }: CommitmentRow) => member === 'JPN'

/** The dialogue is of its own time, which its answers bear. */
const seen = async (desk: Desk) => ({ about: there(desk.about), now_ms: Date.parse((await series()).at) })
const open = { onopen: nothing, onconsult: nothing }

const room = (id: () => Promise<string | null>) => async (desk: Desk) => ({ ...panel(await id())(desk), ...(await seen(desk)) })
const view = (such: (row: SeriesRow) => boolean) => async (desk: Desk) => {
  const row = await theSeries(such)
  return {
    ...(await seen(desk)),
    ...open,
    row,
    meetings: (await meetings()).filter((meeting) => meeting.series === row.series.name),
    promises: (await promises()).filter((promise) => promise.series === row.series.name),
  }
}
const meeting = (such: (row: MeetingRow) => boolean) => async (desk: Desk) => ({
  ...(await seen(desk)),
  ...open,
  id: (await theMeeting(such)).id,
})
const promise = (such: (row: CommitmentRow) => boolean) => async (desk: Desk) => ({
  ...(await seen(desk)),
  ...open,
  id: (await thePromise(such)).id,
})
const say = (saying: 'review' | 'progress', such: (row: CommitmentRow) => boolean) => async (desk: Desk) => ({
  about: there(desk.about),
  saying,
  row: await thePromise(such),
  onclose: nothing,
})

export const stories = [
  ...told('dialogue/DialogueRoom', DialogueRoom, {
    years: { scene: CALM, props: room(async () => null) },
    exercise: { scene: 'calm.freedom-27', props: room(async () => null) },
    meeting: { scene: CALM, props: room(async () => (await theMeeting(held)).id) },
    promise: { scene: CALM, props: room(async () => (await thePromise(judged)).id) },
  }),
  ...told('dialogue/SeriesView', SeriesView, {
    overdue: { scene: CALM, props: view(({ overdue }) => overdue) },
    planned: { scene: CALM, props: view(({ next }) => next !== null) },
  }),
  ...told('dialogue/MeetingView', MeetingView, {
    planned: { scene: CALM, props: meeting(planned) },
    held: { scene: CALM, props: meeting(held) },
  }),
  ...told('dialogue/MeetingList', MeetingList, {
    some: { scene: CALM, props: async () => ({ rows: await meetings(), onopen: nothing }) },
    none: { scene: CALM, props: () => ({ rows: [], onopen: nothing }) },
  }),
  ...told('dialogue/CommitmentView', CommitmentView, {
    judged: { scene: CALM, props: promise(judged) },
    unjudged: { scene: CALM, props: promise((row) => !judged(row)) },
  }),
  ...told('dialogue/Promises', Promises, {
    some: { scene: CALM, props: async () => ({ rows: await promises(), onopen: nothing }) },
    none: { scene: CALM, props: () => ({ rows: [], onopen: nothing }) },
    rightToLeft: {
      scene: CALM,
      props: async () => ({
        rows: [{ ...(await thePromise(own)), language: 'ar', words: 'تبادل بيانات الإنذار بالصواريخ في الوقت الحقيقي' }],
        onopen: nothing,
      }),
    },
  }),
  ...told('dialogue/Judgements', Judgements, {
    some: { scene: CALM, props: async (desk) => ({ about: there(desk.about), rows: await promises(), onopen: nothing }) },
    none: { scene: CALM, props: (desk) => ({ about: there(desk.about), rows: [], onopen: nothing }) },
  }),
  ...told('dialogue/Years', Years, {
    all: {
      scene: CALM,
      props: async () => {
        const { series: rows, at } = await series()
        return { rows, meetings: await meetings(), now_ms: Date.parse(at), onopen: nothing }
      },
    },
  }),
  ...told('dialogue/Source', Source, {
    page: {
      scene: CALM,
      props: async () => ({ source: there((await thePromise(({ citation }) => citation !== null)).citation) }),
    },
  }),
  ...told('dialogue/SayPaper', SayPaper, {
    review: { scene: CALM, props: say('review', (row) => !own(row)) },
    progress: { scene: CALM, props: say('progress', own) },
  }),
  ...told('dialogue/AgendaPaper', AgendaPaper, {
    drafted: {
      scene: CALM,
      props: async (desk) => ({ about: there(desk.about), meeting: await theMeeting(planned), onclose: nothing }),
    },
  }),
]
