/** What can be done in the watch alone. */
import type { Action } from '../actions.ts'

export const actions: readonly Action[] = [
  {
    id: 'watch.urgent',
    words: 'help.urgent',
    keys: ['u'],
    room: 'watch',
    why: ({ ordered }) => (ordered.length > 0 ? null : 'why.no-track'),
    run: ({ view }) => view.choose(null),
  },
  {
    id: 'watch.follow',
    words: 'help.follow',
    keys: ['f'],
    room: 'watch',
    run: ({ view }) => view.setFollow(!view.follow),
  },
  {
    id: 'watch.issue',
    words: 'help.public',
    keys: ['p'],
    room: null,
    why: ({ ready }) => (ready ? null : 'why.not-ready'),
    run: (desk) => desk.lay({ is: 'issue' }),
  },
]
