import type { Desk } from '../src/frame/desk.svelte.ts'
import Bars from '../src/supply/Bars.svelte'
import Facts from '../src/supply/Facts.svelte'
import Gaps from '../src/supply/Gaps.svelte'
import Head from '../src/supply/Head.svelte'
import HelpView from '../src/supply/HelpView.svelte'
import InputView from '../src/supply/InputView.svelte'
import MeasureView from '../src/supply/MeasureView.svelte'
import NoticeView from '../src/supply/NoticeView.svelte'
import Side from '../src/supply/Side.svelte'
import Source from '../src/supply/Source.svelte'
import type { Findings, Help, Inputs, InputWhole, Measures, NoticeRow, Notices, Part } from '../src/supply/supply.ts'
import SupplyRoom from '../src/supply/SupplyRoom.svelte'
import WhatIf from '../src/supply/WhatIf.svelte'
import { asked, nothing, panel, seen, there, told } from './story.ts'

// Supply is the same in every scene.
const CALM = 'calm'
const notices = () => asked<Notices>('supply/notices')
const help = () => asked<Help>('supply/help')
const measures = () => asked<Measures>('supply/measures')
const inputs = () => asked<Inputs>('supply/inputs')
const findings = () => asked<Findings>('supply/findings')
const input = (key: string) => asked<InputWhole>(`supply/input?input=${key}`)
const open = { onopen: nothing, onconsult: nothing }

const side = (part: Part, isEmpty = false) => async (desk: Desk) => ({
  ...seen(desk),
  part,
  id: null,
  notices: isEmpty ? { at: '', notices: [] } : await notices(),
  help: isEmpty ? { at: '', requests: [], offers: [] } : await help(),
  measures: isEmpty ? { at: '', measures: [] } : await measures(),
  inputs: isEmpty ? { ...(await inputs()), inputs: [] } : await inputs(),
  findings: await findings(),
  onopen: nothing,
})
const notice = (such: (row: NoticeRow) => boolean) => async (desk: Desk) => ({
  ...seen(desk),
  ...open,
  row: there((await notices()).notices.find(such)),
})
const helping = (of: 'requests' | 'offers') => async (desk: Desk) => {
  const all = await help()
  return { about: there(desk.about), ...open, help: all, row: there(all[of][0]) }
}
const one = (key: string) => (desk: Desk) => ({ ...seen(desk), input: key, onopen: nothing })
const bars = (key: string) => async (desk: Desk) => ({
  set: there((await input(key)).sets[0]),
  members: there(desk.about).members,
})
const gaps = (sort: string) => async (desk: Desk) => ({ ...seen(desk), findings: await findings(), sort })
const whatIf = (given: string) => (desk: Desk) => ({ ...seen(desk), given, onopen: nothing })
const head = (title: string, language: string) => (desk: Desk) => {
  const { member, now, banner } = there(desk.about)
  return { about: there(desk.about), title, language, member, at: now, banner, state: 'open', onconsult: nothing }
}

export const stories = [
  ...told('supply/SupplyRoom', SupplyRoom, {
    notices: { scene: CALM, props: panel() },
    exercise: { scene: 'calm.freedom-27', props: panel() },
    input: { scene: CALM, props: panel('in:G1') },
    whatIf: { scene: CALM, props: panel('what-if:input:G1') },
    gaps: { scene: CALM, props: panel('gaps') },
  }),
  ...told('supply/Side', Side, {
    notices: { scene: CALM, props: side('notices') },
    help: { scene: CALM, props: side('help') },
    measures: { scene: CALM, props: side('measures') },
    inputs: { scene: CALM, props: side('inputs') },
    gaps: { scene: CALM, props: side('gaps') },
    empty: { scene: CALM, props: side('notices', true) },
  }),
  ...told('supply/NoticeView', NoticeView, {
    overdue: { scene: CALM, props: notice(({ meeting }) => meeting === 'overdue') },
    met: { scene: CALM, props: notice(({ meeting }) => meeting === 'met') },
  }),
  ...told('supply/HelpView', HelpView, {
    request: { scene: CALM, props: helping('requests') },
    offer: { scene: CALM, props: helping('offers') },
  }),
  ...told('supply/MeasureView', MeasureView, {
    announced: {
      scene: CALM,
      props: async (desk) => ({ about: there(desk.about), ...open, row: there((await measures()).measures[0]) }),
    },
  }),
  ...told('supply/InputView', InputView, {
    held: { scene: CALM, props: one('G1') },
    unheld: { scene: CALM, props: one('G3') },
  }),
  ...told('supply/WhatIf', WhatIf, {
    open: { scene: CALM, props: whatIf('') },
    country: { scene: CALM, props: whatIf('country:CHN') },
    input: { scene: CALM, props: whatIf('input:G1') },
  }),
  ...told('supply/Gaps', Gaps, {
    all: { scene: CALM, props: gaps('') },
    none: { scene: CALM, props: gaps('no such sort') },
  }),
  ...told('supply/Bars', Bars, {
    concentrated: { scene: CALM, props: bars('G1') },
    spread: { scene: CALM, props: bars('G2') },
  }),
  ...told('supply/Source', Source, {
    whole: { scene: CALM, props: async (desk) => ({ ...seen(desk), origin: (await inputs()).origin }) },
    yearless: { scene: CALM, props: async (desk) => ({ ...seen(desk), origin: (await inputs()).origin, years: [] }) },
  }),
  ...told('supply/Head', Head, {
    plain: { scene: CALM, props: head('ガリウムの輸出許可が止まっている', 'ja') },
    rightToLeft: { scene: CALM, props: head('توقف تراخيص تصدير الغاليوم', 'ar') },
    hostile: { scene: CALM, props: head('<img src=x onerror=alert(1)>', 'en') },
  }),
  ...told('supply/Facts', Facts, {
    some: {
      scene: CALM,
      props: () => ({
        facts: [
          { name: 'Cause', value: '輸出許可の審査が 9 月 10 日から行われていない。', lang: 'ja' },
          { name: 'Office', value: 'Economic Security Bureau' },
          { name: 'Left out', value: '' },
        ],
      }),
    },
    rightToLeft: { scene: CALM, props: () => ({ facts: [{ name: 'Cause', value: 'حريق في المصنع', lang: 'ar' }] }) },
  }),
]
