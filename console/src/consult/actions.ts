/** How a consultation begins, from every room, and what is said in one. */
import { type Action, controlOf, pressed } from '../actions.ts'

const REQUEST = 'consult.request'

export const actions: readonly Action[] = [
  {
    id: REQUEST,
    words: 'help.consult',
    keys: ['q'],
    room: null,
    says: true,
    why: ({ alert }) => (controlOf(REQUEST) || alert ? null : 'why.no-alert'),
    // On what is open in the room; else on the event chosen in the watch.
    run: (desk) => {
      const control = controlOf(REQUEST)
      if (control) control.click()
      else if (desk.alert) desk.lay({ is: 'consult', basis: { records: [desk.alert.id] } })
    },
  },
  pressed('consult.assess', 'assessment.act', ['e'], 'consult'),
  pressed('consult.stance', 'option.stance.act', ['s'], 'consult'),
  pressed('consult.respond', 'response.act', ['r'], 'consult'),
  pressed('consult.assent', 'act.assent', ['+'], 'consult'),
  pressed('consult.object', 'act.object', ['o'], 'consult'),
  pressed('consult.amend', 'act.amend', ['d'], 'consult'),
  pressed('consult.remark', 'act.remark', ['v'], 'consult'),
]
