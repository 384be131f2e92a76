import Account from '../src/frame/Account.svelte'
import Banner from '../src/frame/Banner.svelte'
import Clock from '../src/frame/Clock.svelte'
import Curtain from '../src/frame/Curtain.svelte'
import type { Desk } from '../src/frame/desk.svelte.ts'
import Header from '../src/frame/Header.svelte'
import Help from '../src/frame/Help.svelte'
import Key from '../src/frame/Key.svelte'
import LanguageSwitch from '../src/frame/LanguageSwitch.svelte'
import Lines from '../src/frame/Lines.svelte'
import Lock from '../src/frame/Lock.svelte'
import Notices from '../src/frame/Notices.svelte'
import OpenRoom from '../src/frame/OpenRoom.svelte'
import Page from '../src/frame/Page.svelte'
import Palette from '../src/frame/Palette.svelte'
import Room from '../src/frame/Room.svelte'
import Rooms from '../src/frame/Rooms.svelte'
import Shape from '../src/frame/Shape.svelte'
import Sheets from '../src/frame/Sheets.svelte'
import SignIn from '../src/frame/SignIn.svelte'
import SoundBar from '../src/frame/SoundBar.svelte'
import Told from '../src/frame/Told.svelte'
import Ways from '../src/frame/Ways.svelte'
import WorldSwitch from '../src/frame/WorldSwitch.svelte'
import { type Locked, Officer, type SignedIn } from '../src/officer.svelte.ts'
import type { Level } from '../src/urgency.ts'
import { words } from './snippets.ts'
import { nothing, there, told } from './story.ts'

const SESSION: SignedIn = {
  officer: 'officer:abe',
  roles: ['watch-officer'],
  opened_by: 'passkey',
  opened_at: '2022-10-03T20:00:00Z',
  expires_at: '2022-10-04T08:00:00Z',
  locked: null,
  lock_after_s: 900,
  has_password: true,
  passkeys: [{ id: 'cGFzc2tleQ', name: 'Key of the watch room', made_at: '2022-09-01T00:00:00Z', used_at: null }],
  password_min: 12,
}

/** The feed has no doors: this one is at the screen already. */
class Present extends Officer {
  constructor(said: Partial<Pick<Officer, 'standing' | 'link' | 'trouble'>> = {}) {
    super(nothing)
    Object.assign(this, said)
  }
  override session() {
    return Promise.resolve(SESSION)
  }
}

const TROUBLE = 'Name or password is wrong, or this officer has none.'
const officer = (said?: ConstructorParameters<typeof Present>[0]) => () => ({ officer: new Present(said) })
const lock = (why: Locked) => () => ({
  officer: new Present({ standing: { officer: SESSION.officer, locked: why } }),
  why,
})

const header = (desk: Desk) => {
  const { links, lines, real_ms, rate, watch } = desk.stream
  const { now_ms } = desk
  return { about: there(desk.about), links, lines, lost: false, now_ms, real_ms, rate, watch, onwatch: nothing, onhelp: nothing, onaccount: nothing }
}
const lines = (desk: Desk) => {
  const { links, real_ms } = desk.stream
  return { links, lines: desk.stream.lines, lost: false, real_ms }
}
const clock = (desk: Desk) => ({
  exercise: desk.about?.exercise != null,
  now_ms: desk.now_ms,
  real_ms: desk.stream.real_ms,
  rate: desk.stream.rate,
})
const banner = (place: 'top' | 'bottom') => (desk: Desk) => ({ about: there(desk.about), place })
const rooms = ({ stream: { board, consultations, lines: checks } }: Desk) => ({
  ...{ room: 'watch', board, lines: checks, consultations, onlines: nothing, onroom: nothing },
  ...{ muted_s: 0, onunmute: nothing, windows: 1, together: true, onstep: nothing },
})

const whole = (desk: Desk) => ({ desk, about: there(desk.about) })
const inRoom = (room: string) => (desk: Desk) => {
  desk.view.room = room
  return whole(desk)
}
const under = (sheet: string) => (desk: Desk) => {
  desk.view.sheet = sheet
  return { desk }
}
const locked = (desk: Desk) => {
  desk.officer.standing = { officer: SESSION.officer, locked: 'idle' }
  return whole(desk)
}
const palette = (desk: Desk) => ({ ...whole(desk), onclose: nothing })
const shape = (level: Level) => ({ scene: 'calm', props: () => ({ level, size: 48 }) })

export const stories = [
  ...told('frame/Page', Page, {
    calm: { scene: 'calm', props: whole },
    overflight: { scene: 'midflight', props: whole },
    exercise: { scene: 'midflight.freedom-27', props: whole },
    lost: { scene: 'lost', props: whole },
    called: { scene: 'talk', props: whole },
    replay: { scene: 'midflight.replay', props: whole },
    replayOfExercise: { scene: 'midflight.freedom-27.replay', props: whole },
    locked: { scene: 'calm', props: locked },
  }),
  ...told('frame/OpenRoom', OpenRoom, {
    watch: { scene: 'midflight', props: inRoom('watch') },
    hotline: { scene: 'talk', props: inRoom('hotline') },
    consult: { scene: 'talk', props: inRoom('consult') },
    docket: { scene: 'talk', props: inRoom('docket') },
    replay: { scene: 'talk.replay', props: inRoom('hotline') },
  }),
  ...told('frame/Header', Header, {
    live: { scene: 'midflight', props: header },
    exercise: { scene: 'midflight.freedom-27', props: header },
    replay: { scene: 'midflight.replay', props: header },
    cut: { scene: 'lost', props: header },
    relayed: { scene: 'relayed', props: header },
    lost: { scene: 'calm', props: (desk) => ({ ...header(desk), lost: true }) },
  }),
  ...told('frame/WorldSwitch', WorldSwitch, {
    live: { scene: 'calm', props: (desk) => ({ about: there(desk.about) }) },
    exercise: { scene: 'calm.freedom-27', props: (desk) => ({ about: there(desk.about) }) },
  }),
  ...told('frame/SoundBar', SoundBar, {
    silent: { scene: 'calm', props: (desk) => ({ desk }) },
    called: { scene: 'talk', props: (desk) => ({ desk }) },
  }),
  ...told('frame/Lines', Lines, {
    healthy: { scene: 'calm', props: lines },
    cut: { scene: 'lost', props: lines },
    relayed: { scene: 'relayed', props: lines },
    unanswered: { scene: 'talk', props: lines },
    lost: { scene: 'calm', props: (desk) => ({ ...lines(desk), lost: true }) },
  }),
  ...told('frame/Clock', Clock, {
    live: { scene: 'calm', props: clock },
    exercise: { scene: 'calm.freedom-27', props: clock },
    fast: { scene: 'run.freedom-27', props: clock },
    replay: { scene: 'midflight.replay', props: (desk) => ({ ...clock(desk), replay: true }) },
    paused: { scene: 'calm.freedom-27', props: (desk) => ({ ...clock(desk), rate: 0 }) },
    unknown: { scene: 'calm', props: (desk) => ({ ...clock(desk), now_ms: null, real_ms: null }) },
  }),
  ...told('frame/Banner', Banner, {
    live: { scene: 'calm', props: banner('top') },
    exercise: { scene: 'calm.freedom-27', props: banner('top') },
    replay: { scene: 'calm.replay', props: banner('top') },
    replayOfExercise: { scene: 'calm.freedom-27.replay', props: banner('top') },
    bottom: { scene: 'calm', props: banner('bottom') },
  }),
  ...told('frame/Rooms', Rooms, {
    calm: { scene: 'calm', props: rooms },
    waiting: { scene: 'talk', props: rooms },
    muted: { scene: 'calm', props: (desk) => ({ ...rooms(desk), muted_s: 95 }) },
    together: { scene: 'calm', props: (desk) => ({ ...rooms(desk), windows: 3 }) },
    apart: { scene: 'calm', props: (desk) => ({ ...rooms(desk), windows: 3, together: false }) },
  }),
  ...told('frame/Notices', Notices, {
    none: { scene: 'calm', props: whole },
    flood: { scene: 'doubtful', props: whole },
    astray: {
      scene: 'calm',
      props: (desk) => {
        desk.view.track = '99'
        return whole(desk)
      },
    },
    misread: {
      scene: 'calm',
      props: (desk) => {
        desk.view.unknown = [{ name: 'room', value: '<b>attic</b>' }]
        return whole(desk)
      },
    },
  }),
  ...told('frame/Palette', Palette, {
    calm: { scene: 'calm', props: palette },
    full: { scene: 'talk', props: palette },
  }),
  ...told('frame/Help', Help, {
    watch: { scene: 'calm', props: () => ({ room: 'watch', onclose: nothing }) },
    hotline: { scene: 'calm', props: () => ({ room: 'hotline', onclose: nothing }) },
  }),
  ...told('frame/Sheets', Sheets, {
    lines: { scene: 'talk', props: under('lines') },
    watch: { scene: 'proposed', props: under('watch') },
    issue: { scene: 'midflight', props: under('issue') },
    gone: { scene: 'calm', props: under('issue') },
    replay: { scene: 'talk.replay', props: under('lines') },
  }),
  ...told('frame/SignIn', SignIn, {
    open: { scene: 'calm', props: officer() },
    link: { scene: 'calm', props: officer({ link: 'a-link-nobody-has-spent-yet' }) },
    refused: { scene: 'calm', props: officer({ trouble: TROUBLE }) },
  }),
  ...told('frame/Ways', Ways, {
    open: { scene: 'calm', props: officer() },
    refused: { scene: 'calm', props: officer({ trouble: TROUBLE }) },
  }),
  ...told('frame/Lock', Lock, {
    asked: { scene: 'calm', props: lock('asked') },
    idle: { scene: 'calm', props: lock('idle') },
    roles: { scene: 'calm', props: lock('roles') },
  }),
  ...told('frame/Account', Account, {
    open: { scene: 'calm', props: () => ({ officer: new Present(), onclose: nothing }) },
  }),
  ...told('frame/Curtain', Curtain, {
    drawn: { scene: 'calm', props: () => ({ children: words('What stands before the page.', 'curtain-title') }) },
  }),
  ...told('frame/Room', Room, {
    open: {
      scene: 'calm',
      props: () => ({ list: 'What there is', listed: words('One of a list.'), children: words('What is open.') }),
    },
  }),
  ...told('frame/LanguageSwitch', LanguageSwitch, { open: { scene: 'calm', props: () => ({}) } }),
  ...told('frame/Key', Key, {
    letter: { scene: 'calm', props: () => ({ of: 'office.approve' }) },
    figure: { scene: 'calm', props: () => ({ of: 'room.watch' }) },
  }),
  ...told('frame/Told', Told, {
    known: { scene: 'calm', props: () => ({ area: 'seen', words: 'two kinds', begins: true }) },
    unknown: { scene: 'calm', props: () => ({ area: 'seen', words: 'nobody translated this sentence' }) },
  }),
  ...told('frame/Shape', Shape, {
    critical: shape('critical'),
    serious: shape('serious'),
    caution: shape('caution'),
    standby: shape('standby'),
    normal: shape('normal'),
    off: shape('off'),
  }),
]
