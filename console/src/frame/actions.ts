/** What can be done everywhere. */
import { type Action, pressed } from '../actions.ts'
import { inPlay } from '../exercise/exercise.ts'
import { LANGUAGES, spoken } from '../language.svelte.ts'
import { waiting } from '../office/office.ts'
import { ROOMS } from '../rooms.ts'
import { roomName } from '../say.ts'

/** The rooms have the figures, in the order in which they stand. */
const ROOM_KEYS = '1234567890-='

const rooms = ROOMS.map((room, n): Action => {
  const key = ROOM_KEYS[n]
  return {
    id: `room.${room}`,
    words: 'action.room',
    values: () => ({ room: roomName(room) }),
    keys: key === undefined ? [] : [key],
    room: null,
    run: (desk) => desk.enter(room),
  }
})

export const actions: readonly Action[] = [
  ...rooms,
  {
    id: 'list.next',
    words: 'help.next',
    keys: ['j', 'ArrowDown'],
    room: null,
    why: ({ isListing }) => (isListing ? null : 'why.nothing-listed'),
    run: (desk) => desk.advance(1),
  },
  {
    id: 'list.previous',
    words: 'help.previous',
    keys: ['k', 'ArrowUp'],
    room: null,
    why: ({ isListing }) => (isListing ? null : 'why.nothing-listed'),
    run: (desk) => desk.advance(-1),
  },
  {
    id: 'list.part.next',
    words: 'help.part.next',
    keys: [']'],
    room: null,
    why: ({ hasParts }) => (hasParts ? null : 'why.no-parts'),
    run: (desk) => desk.turn(1),
  },
  {
    id: 'list.part.previous',
    words: 'help.part.previous',
    keys: ['['],
    room: null,
    why: ({ hasParts }) => (hasParts ? null : 'why.no-parts'),
    run: (desk) => desk.turn(-1),
  },
  {
    id: 'office.approve',
    words: 'help.proposal',
    keys: ['a'],
    room: null,
    why: ({ stream, about }) => (waiting(stream.proposals, about?.officer ?? null).length > 0 ? null : 'why.no-proposal'),
    run: (desk) => {
      const id = waiting(desk.stream.proposals, desk.about?.officer ?? null)[0]?.id
      if (id) desk.lay({ is: 'proposal', id })
    },
  },
  {
    id: 'office.cancel',
    words: 'help.cancel',
    keys: ['c'],
    room: null,
    why: ({ cancellable }) => (cancellable ? null : 'why.no-public-alert'),
    run: (desk) => desk.cancellable && desk.cancel(desk.cancellable),
  },
  {
    id: 'exercise.halt',
    words: 'real-world.act',
    keys: ['X'],
    room: null,
    says: true,
    why: ({ about }) => (about && inPlay(about).length > 0 ? null : 'why.no-play'),
    run: (desk) => desk.lay({ is: 'real-world' }),
  },
  {
    id: 'office.watch',
    words: 'help.watch',
    keys: ['w'],
    room: null,
    run: (desk) => desk.lay({ is: 'watch' }),
  },
  {
    id: 'docket.search',
    words: 'help.search',
    keys: ['/'],
    room: null,
    run: (desk) => desk.look(),
  },
  {
    id: 'account',
    words: 'help.account',
    keys: ['i'],
    room: null,
    why: ({ officer }) => (officer.standing ? null : 'why.no-session'),
    run: (desk) => desk.lay({ is: 'account' }),
  },
  {
    id: 'lock',
    words: 'account.lock',
    keys: ['z'],
    room: null,
    why: ({ officer }) => (officer.standing ? null : 'why.no-session'),
    run: ({ officer }) => officer.lock(),
  },
  {
    id: 'window.second',
    words: 'help.second',
    keys: ['b'],
    room: null,
    run: (desk) => desk.secondWindow(),
  },
  {
    id: 'window.step',
    words: 'help.step',
    keys: ['h'],
    room: null,
    run: ({ step }) => (step.together = !step.together),
  },
  {
    id: 'sound.test',
    words: 'bell.test',
    keys: ['!'],
    room: null,
    run: ({ bell }) => bell.test(),
  },
  pressed('world.switch', 'world.switch', [';'], null),
  {
    id: 'language.next',
    words: 'help.language',
    keys: ['L'],
    room: null,
    run: () => spoken.choose(LANGUAGES[(LANGUAGES.indexOf(spoken.language) + 1) % LANGUAGES.length] ?? 'en'),
  },
  {
    id: 'palette',
    words: 'help.palette',
    keys: ['Ctrl+k'],
    room: null,
    run: (desk) => (desk.palette = true),
  },
  {
    id: 'help',
    words: 'help.help',
    keys: ['?'],
    room: null,
    run: (desk) => desk.lay({ is: 'help' }),
  },
]
