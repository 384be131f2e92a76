import type { Clock } from '../src/api.ts'
import AllExercises from '../src/exercise/AllExercises.svelte'
import ExerciseRoom from '../src/exercise/ExerciseRoom.svelte'
import type { PartProps } from '../src/exercise/parts.ts'
import PlayPart from '../src/exercise/PlayPart.svelte'
import type { Desk } from '../src/frame/desk.svelte.ts'
import { asked, panel, told } from './story.ts'

/** A part of the room, with what the room itself asks for. */
const part =
  (id: string | null = null) =>
  async (desk: Desk): Promise<PartProps> => ({
    ...panel(id)(desk),
    exercises: await asked('exercise/exercises'),
    trouble: '',
    clock: await asked<Clock>('exercise/clock'),
  })

export const stories = [
  ...told('exercise/ExerciseRoom', ExerciseRoom, {
    announced: { scene: 'calm', props: panel() },
    play: { scene: 'calm.freedom-27', props: panel() },
  }),
  ...told('exercise/AllExercises', AllExercises, { announced: { scene: 'calm', props: part() } }),
  ...told('exercise/PlayPart', PlayPart, { running: { scene: 'calm.freedom-27', props: part() } }),
]
