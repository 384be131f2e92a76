import type { AuditPage, AuditStand, ChainChecked, Line } from '../src/audit/audit.ts'
import { hoursOf } from '../src/audit/audit.ts'
import AuditRoom from '../src/audit/AuditRoom.svelte'
import { Chain } from '../src/audit/chain.svelte.ts'
import ChainCard from '../src/audit/ChainCard.svelte'
import HourBars from '../src/audit/HourBars.svelte'
import LineTable from '../src/audit/LineTable.svelte'
import StoryView from '../src/audit/StoryView.svelte'
import type { AuditHours } from '../src/api.ts'
import type { Desk } from '../src/frame/desk.svelte.ts'
import { asked, nothing, panel, seen, there, told } from './story.ts'

// In `lost` somebody wrote in it, in `raid` the officer is no auditor.
const TALK = 'talk'
const page = (query = '') => asked<AuditPage>(`audit?limit=200${query}`)
const newest = async () => (await page()).lines.toReversed()
const recordOf = async (decision: string) => there((await newest()).find((one) => one.decision === decision)).record

const room = (id: () => Promise<string | null>) => async (desk: Desk) => panel(await id())(desk)
const card = (made: (chain: Chain, now_ms: number) => Promise<unknown> | unknown) => async (desk: Desk) => {
  const chain = new Chain()
  await made(chain, desk.now_ms)
  return { ...seen(desk), stand: await asked<AuditStand>('audit/stand'), chain }
}
const checked = (chain: Chain, now_ms: number) => chain.check(() => now_ms)
const halfway = async (chain: Chain) => {
  const whole = await asked<ChainChecked>('audit/check?after=0&chain=')
  Object.assign(chain, { checked: { ...whole, line: Math.floor(whole.lines / 2), done: false }, busy: true })
}
const refused = (chain: Chain) => Object.assign(chain, { trouble: 'Not permitted: the session is over. Sign in again.' })

const table = (lines: () => Promise<readonly Line[]>, record = async () => '') => async () => ({
  lines: await lines(),
  kinds: (await page()).kinds,
  record: await record(),
  onopen: nothing,
  onmore: nothing,
})
const bars = (answered: () => Promise<AuditHours>) => async (desk: Desk) => {
  const about = there(desk.about)
  return { about, members: hoursOf((await answered()).tallies, Date.parse(about.real)) }
}
const story = (record: () => Promise<string>) => async () => ({ record: await record(), onend: nothing })

export const stories = [
  ...told('audit/AuditRoom', AuditRoom, {
    all: { scene: TALK, props: panel() },
    narrowed: { scene: TALK, props: panel('decision=withheld') },
    none: { scene: TALK, props: panel('author=nobody') },
    story: { scene: TALK, props: room(async () => `record=${await recordOf('withheld')}`) },
    exercise: { scene: 'talk.freedom-27', props: panel() },
    replay: { scene: 'talk.replay', props: panel() },
    denied: { scene: 'raid', props: panel() },
  }),
  ...told('audit/ChainCard', ChainCard, {
    unchecked: { scene: TALK, props: card(nothing) },
    halfway: { scene: TALK, props: card(halfway) },
    whole: { scene: TALK, props: card(checked) },
    broken: { scene: 'lost', props: card(checked) },
    refused: { scene: TALK, props: card(refused) },
    anchored: {
      scene: TALK,
      props: async (desk) => {
        const { stand, ...more } = await card(checked)(desk)
        return { ...more, stand: { ...stand, anchored_line: stand.lines - 3, anchored_at: there(desk.about).real } }
      },
    },
    coming: { scene: TALK, props: (desk) => ({ ...seen(desk), stand: null, chain: new Chain() }) },
  }),
  ...told('audit/HourBars', HourBars, {
    day: { scene: TALK, props: bars(() => asked('audit/hours')) },
    none: { scene: TALK, props: bars(async () => ({ since: null, tallies: [] })) },
  }),
  ...told('audit/LineTable', LineTable, {
    lines: { scene: TALK, props: table(newest) },
    open: { scene: TALK, props: table(newest, () => recordOf('withheld')) },
    hostile: { scene: TALK, props: table(async () => (await page('&decision=sign-in-refused')).lines) },
    none: { scene: TALK, props: table(async () => []) },
  }),
  ...told('audit/StoryView', StoryView, {
    told: { scene: TALK, props: story(() => recordOf('withheld')) },
    unknown: { scene: TALK, props: story(async () => '00'.repeat(32)) },
  }),
]
