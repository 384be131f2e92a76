/** What exercise control does while an exercise is played, and what anybody says of it. */
import { type Action, pressed } from '../actions.ts'

const ROOM = 'exercise'

const saying = (id: string, words: Action['words'], key: string): Action => ({ ...pressed(id, words, [key], ROOM), says: true })

export const actions: readonly Action[] = [
  saying('exercise.call', 'msel.call', 'g'),
  saying('exercise.skip', 'msel.skip', 'x'),
  saying('exercise.pause', 'help.exercise.pause', 'u'),
  saying('exercise.clock', 'play.set', 't'),
  saying('exercise.start', 'play.start', 's'),
  saying('exercise.area', 'areas.add', 'v'),
  saying('exercise.area.retract', 'areas.retract', 'r'),
  pressed('exercise.open', 'msel.only-open', ['o'], ROOM),
  {
    id: 'exercise.observe',
    words: 'wash.observe',
    keys: ['O'],
    room: null,
    says: true,
    why: ({ about }) => (about?.exercise ? null : 'why.no-exercise'),
    run: (desk) => desk.lay({ is: 'observe' }),
  },
  pressed('exercise.propose', 'wash.propose', ['d'], ROOM),
  pressed('exercise.plan.say', 'plan.say.act', ['e'], ROOM),
]
