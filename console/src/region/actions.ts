/** What can be done with a report or an incident. */
import { type Action, pressed } from '../actions.ts'

export const actions: readonly Action[] = [
  pressed('region.file', 'report.file', ['f'], 'region'),
  pressed('region.grade', 'report.grade.act', ['g'], 'region'),
  pressed('region.assess', 'incident.assess', ['e'], 'region'),
]
