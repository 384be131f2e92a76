import type { Areas, Clock, Msel } from '../src/api.ts'
import AllExercises from '../src/exercise/AllExercises.svelte'
import AreaPaper from '../src/exercise/AreaPaper.svelte'
import AreasPart from '../src/exercise/AreasPart.svelte'
import CallPaper from '../src/exercise/CallPaper.svelte'
import ClockPaper from '../src/exercise/ClockPaper.svelte'
import ExerciseRoom from '../src/exercise/ExerciseRoom.svelte'
import InjectView from '../src/exercise/InjectView.svelte'
import MselTable from '../src/exercise/MselTable.svelte'
import type { PartProps } from '../src/exercise/parts.ts'
import { rowsOf } from '../src/exercise/play.ts'
import PlayHead from '../src/exercise/PlayHead.svelte'
import PlayLine from '../src/exercise/PlayLine.svelte'
import PlayPart from '../src/exercise/PlayPart.svelte'
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
  })
const msel = () => asked<Msel>('exercise/msel')
const injectOf = (shown: Msel, id: string) => there(shown.injects.find((one) => one.id === id))
const members = (desk: Desk) => there(desk.about).members
const head =
  (steers: boolean, halted = false) =>
  async (desk: Desk) => {
    const clock = await asked<Clock>('exercise/clock')
    const halt = { member: 'KOR', author: 'officer:kim', reason: 'a real launch', at: clock.now }
    return { ...seen(desk), clock: halted ? { ...clock, halted: halt } : clock, msel: await msel(), steers, onclock: nothing, onstart: nothing }
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

export const stories = [
  ...told('exercise/ExerciseRoom', ExerciseRoom, {
    announced: { scene: 'calm', props: panel() },
    play: { scene: SCENE, props: panel() },
    open: { scene: SCENE, props: panel('play:call') },
    areas: { scene: SCENE, props: panel('areas') },
  }),
  ...told('exercise/AllExercises', AllExercises, { announced: { scene: 'calm', props: part() } }),
  ...told('exercise/PlayPart', PlayPart, {
    running: { scene: SCENE, props: part() },
    trained: { scene: 'raid.freedom-27', props: part() },
  }),
  ...told('exercise/PlayHead', PlayHead, {
    steering: { scene: SCENE, props: head(true) },
    reading: { scene: SCENE, props: head(false) },
    halted: { scene: SCENE, props: head(true, true) },
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
]
