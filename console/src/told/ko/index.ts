import type { Tables } from '../tell.ts'
import asks from './asks.json'
import commands from './commands.json'
import docket from './docket.json'
import facts from './facts.json'
import fields from './fields.json'
import names from './names.json'
import offices from './offices.json'
import refusals from './refusals.json'
import rooms from './rooms.json'
import seen from './seen.json'

export const told: Tables = { asks, commands, facts, fields, names, offices, refusals, rooms, seen, ...docket }
