/** What can be done in supply. */
import { type Action, pressed } from '../actions.ts'

export const actions: readonly Action[] = [
  pressed('supply.try', 'supply.try', ['t'], 'supply'),
  pressed('supply.reckon', 'supply.reckon', ['r'], 'supply'),
  pressed('supply.all', 'help.supply.all', ['v'], 'supply'),
]
