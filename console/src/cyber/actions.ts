/** What can be done in cyber. */
import { type Action, pressed } from '../actions.ts'

export const actions: readonly Action[] = [
  pressed('cyber.more', 'help.cyber.more', ['v'], 'cyber'),
  pressed('cyber.newer', 'cyber.newer', ['.'], 'cyber'),
]
