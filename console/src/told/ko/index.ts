import type { Tables } from '../tell.ts'
import asks from './asks.json'
import docket from './docket.json'
import facts from './facts.json'
import names from './names.json'
import offices from './offices.json'
import refusals from './refusals.json'
import rooms from './rooms.json'
import seen from './seen.json'

export const told: Tables = { asks, facts, names, offices, refusals, rooms, seen, ...docket }
