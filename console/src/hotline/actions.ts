/** What can be done on the hotline, from every room. */
import { type Action, pressed } from '../actions.ts'
import { acknowledgeNext, next } from '../watch/acknowledge.ts'

export const actions: readonly Action[] = [
  {
    id: 'hotline.acknowledge',
    words: 'help.acknowledge',
    keys: ['y'],
    room: null,
    says: true,
    why: (desk) => (next(desk) ? null : 'why.no-call'),
    run: acknowledgeNext,
  },
  {
    id: 'hotline.mute',
    words: 'help.mute',
    keys: ['m'],
    room: null,
    why: ({ rings }) => (rings.length > 0 ? null : 'why.nothing-rings'),
    run: ({ bell }) => (bell.muted_s > 0 ? bell.unmute() : bell.mute()),
  },
  { id: 'hotline.write', words: 'help.new', keys: ['n'], room: null, says: true, run: (desk) => desk.write() },
  { id: 'hotline.lines', words: 'help.lines', keys: ['l'], room: null, run: (desk) => desk.lay({ is: 'lines' }) },
  pressed('hotline.answer', 'hot.answer', ['r'], 'hotline'),
  pressed('hotline.earlier', 'help.earlier', ['e'], 'hotline'),
  pressed('hotline.translate', 'translation.want', ['t'], 'hotline'),
  pressed('hotline.right', 'reach.right', ['+'], 'hotline'),
  pressed('hotline.wrong', 'reach.wrong', ['x'], 'hotline'),
]
