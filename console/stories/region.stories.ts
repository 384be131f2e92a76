import type { Desk } from '../src/frame/desk.svelte.ts'
import AssessPaper from '../src/region/AssessPaper.svelte'
import FilePaper from '../src/region/FilePaper.svelte'
import GradeChoice from '../src/region/GradeChoice.svelte'
import GradePaper from '../src/region/GradePaper.svelte'
import IncidentList from '../src/region/IncidentList.svelte'
import IncidentView from '../src/region/IncidentView.svelte'
import LabelChoice from '../src/region/LabelChoice.svelte'
import NoticeList from '../src/region/NoticeList.svelte'
import NoticeView from '../src/region/NoticeView.svelte'
import { type IncidentRow, type IncidentWhole, type Incidents, type Notices, REPORT, type ReportRow, type Reports, type Years } from '../src/region/region.ts'
import RegionMap from '../src/region/RegionMap.svelte'
import RegionRoom from '../src/region/RegionRoom.svelte'
import ReportList from '../src/region/ReportList.svelte'
import ReportView from '../src/region/ReportView.svelte'
import SourceCard from '../src/region/SourceCard.svelte'
import YearBars from '../src/region/YearBars.svelte'
import { asked, nothing, panel, seen, there, told } from './story.ts'

// The region is the same in every scene.
const CALM = 'calm'
const incidents = async () => (await asked<Incidents>('region/incidents')).incidents
const reports = async () => (await asked<Reports>('region/reports')).reports
const notices = async () => (await asked<Notices>('region/notices')).notices
const years = () => asked<Years>('region/years')
const theIncident = async (such: (row: IncidentRow) => boolean) => there((await incidents()).find(such))
const theReport = async (such: (row: ReportRow) => boolean) => there((await reports()).find(such))
const notice = async () => there((await notices())[0])

const judged = ({ assessments }: IncidentRow) => assessments > 0
const ofList = ({ taken_from }: IncidentRow) => taken_from !== null
const doubted = ({ doubts }: ReportRow) => doubts.length > 0
const undoubted = (row: ReportRow) => !doubted(row)
const nowhere = () => ({ incidents: [] })

const room = (id: () => Promise<string | null>) => async (desk: Desk) => panel(await id())(desk)
const list = <T>(rows: () => Promise<readonly T[]>) => async () => ({ rows: await rows(), id: null, onopen: nothing })
const none = () => ({ rows: [], id: null, onopen: nothing })
const open = { beat: 0, onopen: nothing, onconsult: nothing }
const incident = (such: (row: IncidentRow) => boolean) => async (desk: Desk) => ({
  about: there(desk.about),
  ...open,
  id: (await theIncident(such)).id,
})
const report = (such: (row: ReportRow) => boolean) => async (desk: Desk) => ({
  about: there(desk.about),
  ...open,
  id: (await theReport(such)).id,
})
const source = (isFlagged: boolean) => async (desk: Desk) => ({
  about: there(desk.about),
  report: await theReport(isFlagged ? doubted : undoubted),
  flagged: isFlagged,
  onopen: nothing,
})

export const stories = [
  ...told('region/RegionRoom', RegionRoom, {
    incidents: { scene: CALM, props: panel() },
    exercise: { scene: 'calm.freedom-27', props: panel() },
    incident: { scene: CALM, props: room(async () => (await theIncident(judged)).id) },
    notice: { scene: CALM, props: room(async () => (await notice()).id) },
    report: { scene: CALM, props: room(async () => `${REPORT}${(await theReport(doubted)).id}`) },
  }),
  ...told('region/IncidentList', IncidentList, {
    some: { scene: CALM, props: list(incidents) },
    none: { scene: CALM, props: none },
  }),
  ...told('region/IncidentView', IncidentView, {
    judged: { scene: CALM, props: incident(judged) },
    ofList: { scene: CALM, props: incident(ofList) },
  }),
  ...told('region/NoticeList', NoticeList, {
    some: { scene: CALM, props: list(notices) },
    none: { scene: CALM, props: none },
  }),
  ...told('region/NoticeView', NoticeView, {
    matched: { scene: CALM, props: async (desk) => ({ ...seen(desk), row: await notice(), onconsult: nothing }) },
    unmatched: {
      scene: CALM,
      props: async (desk) => ({ ...seen(desk), row: { ...(await notice()), matches: [] }, onconsult: nothing }),
    },
  }),
  ...told('region/ReportList', ReportList, {
    some: { scene: CALM, props: list(reports) },
    none: { scene: CALM, props: none },
    rightToLeft: {
      scene: CALM,
      props: list(async () => [{ ...(await theReport(undoubted)), language: 'ar', title: 'جسم مضيء فوق المضيق' }]),
    },
  }),
  ...told('region/ReportView', ReportView, {
    graded: { scene: CALM, props: report(undoubted) },
    doubted: { scene: CALM, props: report(doubted) },
  }),
  ...told('region/SourceCard', SourceCard, {
    plain: { scene: CALM, props: source(false) },
    contradicted: { scene: CALM, props: source(true) },
  }),
  ...told('region/RegionMap', RegionMap, {
    incidents: { scene: CALM, props: async () => ({ incidents: await incidents() }) },
    notice: {
      scene: CALM,
      props: async () => {
        const { areas, site, direction_deg } = (await notice()).notice
        return { incidents: [], areas, site: site && { spot: site, direction_deg } }
      },
    },
    empty: { scene: CALM, props: nowhere },
  }),
  ...told('region/YearBars', YearBars, {
    all: { scene: CALM, props: async () => ({ years: await years(), chosen: null }) },
    chosen: { scene: CALM, props: async () => ({ years: await years(), chosen: 2022 }) },
    empty: { scene: CALM, props: async () => ({ years: { ...(await years()), incidents: 0, years: [] }, chosen: null }) },
  }),
  ...told('region/AssessPaper', AssessPaper, {
    open: {
      scene: CALM,
      props: async (desk) => ({
        about: there(desk.about),
        whole: await asked<IncidentWhole>(`region/incident?incident=${(await theIncident(judged)).id}`),
        onclose: nothing,
      }),
    },
  }),
  ...told('region/FilePaper', FilePaper, {
    open: { scene: CALM, props: (desk) => ({ ...seen(desk), onclose: nothing, onsaid: nothing }) },
  }),
  ...told('region/GradePaper', GradePaper, {
    open: {
      scene: CALM,
      props: async (desk) => ({ about: there(desk.about), report: await theReport(doubted), onclose: nothing }),
    },
  }),
  ...told('region/GradeChoice', GradeChoice, { open: { scene: CALM, props: () => ({ grade: '' }) } }),
  ...told('region/LabelChoice', LabelChoice, {
    open: { scene: CALM, props: (desk) => ({ about: there(desk.about), classification: '', to: [] }) },
    chosen: { scene: CALM, props: (desk) => ({ about: there(desk.about), classification: 'SECRET', to: ['KOR'] }) },
  }),
]
