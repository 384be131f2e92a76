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
    id: 'watch.layers',
    words: 'help.layers',
    keys: ['v'],
    room: 'watch',
    run: () => document.querySelector<HTMLElement>('[data-layer]')?.focus(),
  },
  {
    id: 'watch.flat',
    words: 'help.flat',
    keys: ['t'],
    room: 'watch',
    run: ({ view }) => view.setFlat(!view.flat),
  },
  {
    id: 'watch.issue',
    words: 'help.public',
    keys: ['p'],
    room: null,
    says: true,
    why: ({ ready }) => (ready ? null : 'why.not-ready'),
    run: (desk) => desk.lay({ is: 'issue' }),
  },
]
