/** What can be done in the audit. */
import { type Action, pressed } from '../actions.ts'

export const actions: readonly Action[] = [
  pressed('audit.check', 'audit.check', ['v'], 'audit'),
  pressed('audit.export', 'audit.export', ['e'], 'audit'),
]
