import type { Desk } from '../src/frame/desk.svelte.ts'
import Bars from '../src/office/Bars.svelte'
import IssuePaper from '../src/office/IssuePaper.svelte'
import LanguageChoice from '../src/office/LanguageChoice.svelte'
import Paper from '../src/office/Paper.svelte'
import ProposalPaper from '../src/office/ProposalPaper.svelte'
import Texts from '../src/office/Texts.svelte'
import WatchPaper from '../src/office/WatchPaper.svelte'
import { words } from './snippets.ts'
import { nothing, there, told } from './story.ts'

const bars = (refused: string) => (desk: Desk) => ({
  about: there(desk.about),
  alerts: desk.stream.publicAlerts.alerts,
  proposals: desk.stream.proposals,
  now_ms: desk.now_ms,
  refused,
  oncancel: nothing,
  onread: nothing,
})
const issue = (desk: Desk) => ({ about: there(desk.about), ready: there(desk.ready), onclose: nothing })
const proposal = (own: boolean) => (desk: Desk) => ({
  about: there(desk.about),
  proposal: there(desk.stream.proposals.find(({ by }) => (by === desk.about?.officer) === own)),
  now_ms: desk.now_ms,
  onclose: nothing,
})
const watch = (desk: Desk) => ({
  about: there(desk.about),
  watch: desk.stream.watch,
  now_ms: desk.now_ms,
  onclose: nothing,
})

const paper = (desk: Desk) => ({
  about: there(desk.about),
  title: 'A sheet',
  onclose: nothing,
  children: words('What stands on it.'),
})

export const stories = [
  ...told('office/Bars', Bars, {
    proposed: { scene: 'proposed', props: bars('') },
    public: { scene: 'public', props: bars('') },
    cancelled: { scene: 'cancelled', props: bars('') },
    refused: { scene: 'public', props: bars('It was cancelled already. Nothing is left to do.') },
  }),
  ...told('office/IssuePaper', IssuePaper, {
    live: { scene: 'midflight', props: issue },
    exercise: { scene: 'midflight.freedom-27', props: issue },
  }),
  ...told('office/ProposalPaper', ProposalPaper, {
    another: { scene: 'proposed', props: proposal(false) },
    own: { scene: 'proposed', props: proposal(true) },
  }),
  ...told('office/WatchPaper', WatchPaper, {
    nobody: { scene: 'calm', props: watch },
    offered: { scene: 'proposed', props: watch },
  }),
  ...told('office/Texts', Texts, {
    three: { scene: 'midflight', props: (desk) => ({ texts: there(desk.ready).ask.words }) },
  }),
  ...told('office/LanguageChoice', LanguageChoice, {
    open: { scene: 'calm', props: () => ({ language: '' }) },
    chosen: { scene: 'calm', props: () => ({ language: 'ko' }) },
  }),
  ...told('office/Paper', Paper, {
    live: { scene: 'calm', props: paper },
    exercise: { scene: 'calm.freedom-27', props: paper },
    replay: { scene: 'calm.replay', props: paper },
  }),
]
