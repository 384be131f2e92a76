/** How a consultation begins, from every room. */
import type { Action } from '../actions.ts'

export const actions: readonly Action[] = [
  {
    id: 'consult.request',
    words: 'help.consult',
    keys: ['q'],
    room: null,
    why: ({ alert }) => (alert ? null : 'why.no-alert'),
    run: (desk) => desk.alert && desk.lay({ is: 'consult', basis: { records: [desk.alert.id] } }),
  },
]
