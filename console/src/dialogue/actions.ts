/** What can be done with a promise or a meeting. */
import { type Action, pressed } from '../actions.ts'

export const actions: readonly Action[] = [
  pressed('dialogue.review', 'review.act', ['v'], 'dialogue'),
  pressed('dialogue.progress', 'progress.act', ['g'], 'dialogue'),
  pressed('dialogue.agenda', 'meeting.agenda.act', ['d'], 'dialogue'),
  pressed('dialogue.before', 'meeting.before', [','], 'dialogue'),
  pressed('dialogue.after', 'meeting.after', ['.'], 'dialogue'),
]
