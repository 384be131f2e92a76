import type { Areas, Checked, Clock, Exercises, HotWash, Msel, PlanSaid } from '../src/api.ts'
import { send } from '../src/ask.ts'
import ActionPaper from '../src/exercise/ActionPaper.svelte'
import AllExercises from '../src/exercise/AllExercises.svelte'
import Editor from '../src/exercise/Editor.svelte'
import EndPaper from '../src/exercise/EndPaper.svelte'
import AreaPaper from '../src/exercise/AreaPaper.svelte'
import AreasPart from '../src/exercise/AreasPart.svelte'
import CallPaper from '../src/exercise/CallPaper.svelte'
import Citing from '../src/exercise/Citing.svelte'
import ClockPaper from '../src/exercise/ClockPaper.svelte'
import ExerciseRoom from '../src/exercise/ExerciseRoom.svelte'
import Halted from '../src/exercise/Halted.svelte'
import HaltedPaper from '../src/exercise/HaltedPaper.svelte'
import HaltedWords from '../src/exercise/HaltedWords.svelte'
import InjectView from '../src/exercise/InjectView.svelte'
import MselTable from '../src/exercise/MselTable.svelte'
import type { PartProps } from '../src/exercise/parts.ts'
import JoinHere from '../src/exercise/JoinHere.svelte'
import ObservePaper from '../src/exercise/ObservePaper.svelte'
import PlanEditor from '../src/exercise/PlanEditor.svelte'
import PlanFindings from '../src/exercise/PlanFindings.svelte'
import PlanOutline from '../src/exercise/PlanOutline.svelte'
import PlanPart from '../src/exercise/PlanPart.svelte'
import RatePaper from '../src/exercise/RatePaper.svelte'
import RatingGrid from '../src/exercise/RatingGrid.svelte'
import SayPlanPaper from '../src/exercise/SayPlanPaper.svelte'
import WashPart from '../src/exercise/WashPart.svelte'
import { rowsOf } from '../src/exercise/play.ts'
import PlayHead from '../src/exercise/PlayHead.svelte'
import PlayLine from '../src/exercise/PlayLine.svelte'
import PlayPart from '../src/exercise/PlayPart.svelte'
import RealWorldPaper from '../src/exercise/RealWorldPaper.svelte'
import RetractPaper from '../src/exercise/RetractPaper.svelte'
import StartPaper from '../src/exercise/StartPaper.svelte'
import type { Desk } from '../src/frame/desk.svelte.ts'
import { asked, nothing, panel, seen, there, told } from './story.ts'

const SCENE = 'calm.freedom-27'

/** A part of the room, with what the room itself asks for. */
const part =
  (id: string | null = null) =>
  async (desk: Desk): Promise<PartProps> => ({
    ...panel(id)(desk),
    exercises: await asked('exercise/exercises'),
    trouble: '',
    clock: await asked<Clock>('exercise/clock'),
    controls: true,
  })
const msel = () => asked<Msel>('exercise/msel')
const injectOf = (shown: Msel, id: string) => there(shown.injects.find((one) => one.id === id))
const members = (desk: Desk) => there(desk.about).members
const head =
  (steers: boolean, halted = false, late_s: number | null = null, slowed_from: number | null = null) =>
  async (desk: Desk) => {
    const now = await asked<Clock>('exercise/clock')
    const clock = { ...now, set: now.set && { ...now.set, slowed_from } }
    const halt = { member: 'KOR', author: 'officer:kim', reason: 'a real launch', at: clock.now }
    return { ...seen(desk), clock: halted ? { ...clock, halted: halt } : clock, msel: { ...(await msel()), late_s }, steers, onclock: nothing, onstart: nothing }
  }
const view = (id: string) => async (desk: Desk) => {
  const shown = await msel()
  const about = there(desk.about)
  return { about, msel: shown, inject: injectOf(shown, id), steers: true, oncall: nothing, onskip: nothing, onopen: nothing, onroom: nothing }
}
const paper = (id: string, act: 'call' | 'skip') => async (desk: Desk) => {
  const shown = await msel()
  return { about: there(desk.about), msel: shown, inject: injectOf(shown, id), act, onclose: nothing }
}

const LIVE = 'calm'
const EXERCISE = 'freedom-27'
const said = () => asked<PlanSaid>(`exercise/planned?exercise=${EXERCISE}`)
const wash = () => asked<HotWash>('exercise/hot-wash')
const checked = async (mend: (plan: string) => string) => {
  const plan = mend((await said()).plan)
  return { plan, ...(await send<Checked>('exercise/check', { plan })) }
}
const sound = (plan: string) => plan
const faulty = (plan: string) => plan.replace('cell = "control"', 'cell = "nobody"')
const about = (desk: Desk) => there(desk.about)
/** What somebody is about to say; nothing is said here. */
const written = { words: { plan: '', over: 2 }, begun: true, kept: true, found_s: null, refused: '', facts: {}, busy: false }
const halt = { member: 'KOR', author: 'officer:park', reason: 'A ship is in distress off Oki', at: '2026-11-23T09:00:00Z' }
const halted = (desk: Desk) => ({ about: there(desk.about), exercise: 'freedom-27' })

export const stories = [
  ...told('exercise/ExerciseRoom', ExerciseRoom, {
    announced: { scene: 'calm', props: panel() },
    play: { scene: SCENE, props: panel() },
    open: { scene: SCENE, props: panel('play:call') },
    areas: { scene: SCENE, props: panel('areas') },
  }),
  ...told('exercise/AllExercises', AllExercises, {
    announced: { scene: 'calm', props: part() },
    watching: { scene: 'calm', props: async (desk) => ({ ...(await part()(desk)), controls: false }) },
  }),
  ...told('exercise/PlayPart', PlayPart, {
    running: { scene: SCENE, props: part() },
    trained: { scene: 'raid.freedom-27', props: part() },
  }),
  ...told('exercise/PlayHead', PlayHead, {
    steering: { scene: SCENE, props: head(true) },
    reading: { scene: SCENE, props: head(false) },
    halted: { scene: SCENE, props: head(true, true) },
    late: { scene: SCENE, props: head(true, false, 42.5) },
    slowed: { scene: SCENE, props: head(true, false, null, 60) },
  }),
  ...told('exercise/PlayLine', PlayLine, {
    running: { scene: SCENE, props: async (desk) => ({ msel: await msel(), members: members(desk), id: 'call' }) },
  }),
  ...told('exercise/MselTable', MselTable, {
    all: {
      scene: SCENE,
      props: async (desk) => {
        const shown = await msel()
        return { msel: shown, rows: rowsOf(shown, { member: null, open: false }), members: members(desk), id: 'more', onopen: nothing }
      },
    },
    none: { scene: SCENE, props: async (desk) => ({ msel: await msel(), rows: [], members: members(desk), id: null, onopen: nothing }) },
  }),
  ...told('exercise/InjectView', InjectView, {
    gone: { scene: SCENE, props: view('call') },
    refused: { scene: SCENE, props: view('wrong') },
    waits: { scene: SCENE, props: view('joint') },
  }),
  ...told('exercise/CallPaper', CallPaper, {
    call: { scene: SCENE, props: paper('second', 'call') },
    skip: { scene: SCENE, props: paper('left-out', 'skip') },
  }),
  ...told('exercise/ClockPaper', ClockPaper, {
    open: { scene: SCENE, props: async (desk) => ({ ...seen(desk), msel: await msel(), clock: await asked<Clock>('exercise/clock'), onclose: nothing }) },
  }),
  ...told('exercise/StartPaper', StartPaper, {
    again: { scene: SCENE, props: (desk) => ({ about: there(desk.about), started: true, onclose: nothing }) },
    first: { scene: 'launch.freedom-27', props: (desk) => ({ about: there(desk.about), started: false, onclose: nothing }) },
  }),
  ...told('exercise/AreasPart', AreasPart, {
    some: { scene: SCENE, props: part() },
    open: { scene: SCENE, props: part('0'.repeat(63) + '1') },
  }),
  ...told('exercise/AreaPaper', AreaPaper, { empty: { scene: SCENE, props: (desk) => ({ ...seen(desk), onclose: nothing }) } }),
  ...told('exercise/RetractPaper', RetractPaper, {
    asked: {
      scene: SCENE,
      props: async (desk) => ({ about: there(desk.about), area: there((await asked<Areas>('exercise/areas')).areas[0]), onclose: nothing }),
    },
  }),
  ...told('exercise/PlanPart', PlanPart, {
    live: { scene: LIVE, props: part(EXERCISE) },
    played: { scene: SCENE, props: part() },
  }),
  ...told('exercise/PlanEditor', PlanEditor, {
    said: { scene: LIVE, props: async (desk) => ({ about: about(desk), exercise: EXERCISE, said: await said(), readonly: false }) },
    none: { scene: LIVE, props: (desk) => ({ about: about(desk), exercise: 'freedom-26', said: null, readonly: false }) },
  }),
  ...told('exercise/Editor', Editor, {
    text: { scene: LIVE, props: async () => ({ text: (await said()).plan, label: 'Plan', readonly: false, to: null }) },
    line: { scene: LIVE, props: async () => ({ text: (await said()).plan, label: 'Plan', readonly: true, to: { line: 12 } }) },
  }),
  ...told('exercise/PlanFindings', PlanFindings, {
    sound: { scene: LIVE, props: async () => ({ findings: (await checked(sound)).findings, refused: null, text: (await said()).plan, online: nothing }) },
    faulty: {
      scene: LIVE,
      props: async () => {
        const { plan, findings } = await checked(faulty)
        return { findings, refused: null, text: plan, online: nothing }
      },
    },
    unread: {
      scene: LIVE,
      props: () => ({ findings: [], refused: { words: 'TEST: it cannot be read.', facts: { why: 'at line 2' } }, text: 'a\nb', online: nothing }),
    },
  }),
  ...told('exercise/PlanOutline', PlanOutline, {
    whole: { scene: LIVE, props: async (desk) => ({ about: about(desk), outline: (await checked(sound)).outline }) },
  }),
  ...told('exercise/SayPlanPaper', SayPlanPaper, {
    newer: {
      scene: LIVE,
      props: (desk) => ({
        ...{ about: about(desk), exercise: EXERCISE, version: 4, errors: 1, onclose: nothing, onsaid: nothing },
        draft: { ...written, begin: nothing, discard: nothing, say: () => Promise.resolve(null) } as never,
      }),
    },
  }),
  ...told('exercise/WashPart', WashPart, { some: { scene: SCENE, props: part() } }),
  ...told('exercise/RatingGrid', RatingGrid, {
    some: { scene: SCENE, props: async (desk) => ({ about: about(desk), wash: await wash(), onrate: nothing }) },
    none: { scene: SCENE, props: async (desk) => ({ about: about(desk), wash: { ...(await wash()), ratings: [] }, onrate: null }) },
    agreed: {
      scene: SCENE,
      props: async (desk) => {
        const said = await wash()
        return { about: about(desk), wash: { ...said, ratings: said.ratings.map((one) => ({ ...one, rating: 'S' as const })) }, onrate: null }
      },
    },
  }),
  ...told('exercise/ObservePaper', ObservePaper, { open: { scene: SCENE, props: (desk) => ({ about: about(desk), onclose: nothing }) } }),
  ...told('exercise/Citing', Citing, {
    here: { scene: 'talk.freedom-27', props: (desk) => ({ about: about(desk), typed: 'c3'.repeat(32), here: 'c3'.repeat(32) }) },
    wrong: { scene: SCENE, props: (desk) => ({ about: about(desk), typed: 'c3c3 <b>d4</b>', here: null }) },
  }),
  ...told('exercise/RatePaper', RatePaper, {
    open: { scene: SCENE, props: async (desk) => ({ about: about(desk), objective: there((await wash()).objectives[0]), onclose: nothing }) },
  }),
  ...told('exercise/ActionPaper', ActionPaper, {
    open: { scene: SCENE, props: async (desk) => ({ about: about(desk), objectives: (await wash()).objectives, onclose: nothing }) },
  }),
  ...told('exercise/JoinHere', JoinHere, { open: { scene: LIVE, props: () => ({ exercise: EXERCISE }) } }),
  ...told('exercise/EndPaper', EndPaper, {
    open: {
      scene: LIVE,
      props: async (desk) => {
        const { exercises } = await asked<Exercises>('exercise/exercises')
        return { about: about(desk), exercise: there(exercises.find((one) => one.exercise === EXERCISE)), onclose: nothing }
      },
    },
  }),
  ...told('exercise/RealWorldPaper', RealWorldPaper, {
    exercise: { scene: 'calm.freedom-27', props: (desk) => ({ about: there(desk.about), onclose: nothing }) },
    live: { scene: 'calm', props: (desk) => ({ about: there(desk.about), onclose: nothing }) },
  }),
  ...told('exercise/Halted', Halted, {
    leaving: {
      scene: 'calm.freedom-27',
      props: (desk) => ({ about: there(desk.about), halted: { ...halt, exercise: 'freedom-27', live: '/calm/' } }),
    },
  }),
  ...told('exercise/HaltedWords', HaltedWords, { said: { scene: 'calm', props: (desk) => ({ ...halted(desk), halt }) } }),
  ...told('exercise/HaltedPaper', HaltedPaper, {
    live: { scene: 'calm', props: (desk) => ({ ...halted(desk), onclose: nothing }) },
  }),
]
