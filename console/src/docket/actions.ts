/** What can be done with the docket. */
import { type Action, pressed } from '../actions.ts'

export const actions: readonly Action[] = [pressed('docket.clear', 'docket.clear', ['d'], 'docket')]
