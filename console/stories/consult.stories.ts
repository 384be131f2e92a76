import ActPaper from '../src/consult/ActPaper.svelte'
import Changes from '../src/consult/Changes.svelte'
import Clocks from '../src/consult/Clocks.svelte'
import ConsultationList from '../src/consult/ConsultationList.svelte'
import ConsultationView from '../src/consult/ConsultationView.svelte'
import ConsultRoom from '../src/consult/ConsultRoom.svelte'
import { type Consultation, type Stage, type TextRow, changes } from '../src/consult/course.ts'
import OptionCard from '../src/consult/OptionCard.svelte'
import RequestPaper from '../src/consult/RequestPaper.svelte'
import SayPaper from '../src/consult/SayPaper.svelte'
import Stages from '../src/consult/Stages.svelte'
import StancePaper from '../src/consult/StancePaper.svelte'
import TextView from '../src/consult/TextView.svelte'
import Votes from '../src/consult/Votes.svelte'
import type { Desk } from '../src/frame/desk.svelte.ts'
import { asked, nothing, seen, there, told } from './story.ts'

const first = (desk: Desk) => there(desk.stream.consultations.consultations[0])
const whole = (desk: Desk) => asked<Consultation>(`consult/consultation?consultation=${first(desk).id}`)
const about = (desk: Desk) => there(desk.about)

/** The scene has two rounds: the first was broken, the second waits or is adopted. */
const round = async (desk: Desk, number: number): Promise<TextRow> =>
  there((await whole(desk)).texts.find((text) => text.round === number))

const room = (id: (desk: Desk) => string | null) => (desk: Desk) => ({
  ...seen(desk),
  consultations: desk.stream.consultations,
  id: id(desk),
  seen: false,
  onopen: nothing,
})
const opened = room((desk) => first(desk).id)
const view = (desk: Desk) => ({ ...seen(desk), consultations: desk.stream.consultations, id: first(desk).id, seen: false })
const list = (id: (desk: Desk) => string | null) => (desk: Desk) => ({
  about: about(desk),
  rows: desk.stream.consultations.consultations,
  id: id(desk),
  onopen: nothing,
})
const clocks = async (desk: Desk) => ({ about: about(desk), whole: await whole(desk), onrespond: nothing })
const text = (number: number) => async (desk: Desk) => ({
  ...seen(desk),
  text: await round(desk, number),
  amended: number > 1 ? await round(desk, number - 1) : null,
  seen: false,
})
const votes = (number: number) => async (desk: Desk) => ({ about: about(desk), text: await round(desk, number) })
const act = (what: 'assent' | 'object' | 'amend' | 'remark') => async (desk: Desk) => ({
  about: about(desk),
  text: await round(desk, 2),
  act: what,
  onclose: nothing,
})
const say = (saying: 'respond' | 'assess') => async (desk: Desk) => ({
  about: about(desk),
  saying,
  whole: await whole(desk),
  onclose: nothing,
})
const option = async (desk: Desk) => there((await whole(desk)).options[0])
const request = (desk: Desk) => ({
  about: about(desk),
  basis: { records: [there(desk.alert).id] },
  onclose: nothing,
  onsaid: nothing,
})

const stage = (of: Stage) => ({ scene: 'calm', props: () => ({ stage: of }) })
const version = (language: string, of: string) => ({ language, text: of })

export const stories = [
  ...told('consult/ConsultRoom', ConsultRoom, {
    open: { scene: 'talk', props: opened },
    exercise: { scene: 'talk.freedom-27', props: opened },
    unopened: { scene: 'talk', props: room(() => null) },
    empty: { scene: 'calm', props: room(() => null) },
  }),
  ...told('consult/ConsultationList', ConsultationList, {
    chosen: { scene: 'talk', props: list((desk) => first(desk).id) },
    adopted: { scene: 'adopted', props: list(() => null) },
    empty: { scene: 'calm', props: list(() => null) },
  }),
  ...told('consult/ConsultationView', ConsultationView, {
    open: { scene: 'talk', props: view },
    provisional: { scene: 'provisional', props: view },
    adopted: { scene: 'adopted', props: view },
  }),
  ...told('consult/Clocks', Clocks, {
    answered: { scene: 'talk', props: clocks },
    followed: { scene: 'adopted', props: clocks },
    waiting: {
      scene: 'talk',
      props: async (desk) => {
        const { responses, ...rest } = await whole(desk)
        const silent = responses.map((one) => ({ ...one, at: null, seconds: null, office: null, text: null, overdue: true }))
        return { about: about(desk), whole: { ...rest, responses: silent }, onrespond: nothing }
      },
    },
  }),
  ...told('consult/Stages', Stages, {
    requested: stage('requested'),
    text: stage('text'),
    adopted: stage('adopted'),
    unadopted: stage('not-adopted'),
    closed: stage('closed'),
  }),
  ...told('consult/OptionCard', OptionCard, {
    forbidden: {
      scene: 'talk',
      props: async (desk) => ({ about: about(desk), option: await option(desk), onstance: nothing }),
    },
    over: {
      scene: 'adopted',
      props: async (desk) => ({ about: about(desk), option: { ...(await option(desk)), forbidden: [], stances: [] } }),
    },
  }),
  ...told('consult/StancePaper', StancePaper, {
    open: {
      scene: 'talk',
      props: async (desk) => ({
        about: about(desk),
        consultation: first(desk).id,
        option: await option(desk),
        onclose: nothing,
      }),
    },
  }),
  ...told('consult/TextView', TextView, {
    open: { scene: 'talk', props: text(2) },
    provisional: { scene: 'provisional', props: text(2) },
    adopted: { scene: 'adopted', props: text(2) },
    broken: { scene: 'talk', props: text(1) },
  }),
  ...told('consult/Votes', Votes, {
    open: { scene: 'talk', props: votes(2) },
    silent: { scene: 'provisional', props: votes(2) },
    amended: { scene: 'talk', props: votes(1) },
  }),
  ...told('consult/Changes', Changes, {
    words: {
      scene: 'calm',
      props: () => ({
        pieces: changes(version('en', 'passed over Japan.'), version('en', 'passed over Japan without notice.')),
      }),
    },
    unspaced: {
      scene: 'calm',
      props: () => ({ pieces: changes(version('ja', '我々は発射を非難する。'), version('ja', '我々は強く発射を非難する。')) }),
    },
    rightToLeft: {
      scene: 'calm',
      props: () => ({ pieces: changes(version('ar', 'ندين عملية الإطلاق.'), version('ar', 'ندين بشدة عملية الإطلاق.')) }),
    },
  }),
  ...told('consult/ActPaper', ActPaper, {
    assent: { scene: 'talk', props: act('assent') },
    object: { scene: 'talk', props: act('object') },
    amend: { scene: 'talk', props: act('amend') },
    remark: { scene: 'talk', props: act('remark') },
  }),
  ...told('consult/SayPaper', SayPaper, {
    respond: { scene: 'talk', props: say('respond') },
    assess: { scene: 'talk', props: say('assess') },
  }),
  ...told('consult/RequestPaper', RequestPaper, {
    live: { scene: 'midflight', props: request },
    exercise: { scene: 'midflight.freedom-27', props: request },
  }),
]
