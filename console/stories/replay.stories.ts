import type { Desk } from '../src/frame/desk.svelte.ts'
import Moments from '../src/replay/Moments.svelte'
import ReplayBar from '../src/replay/ReplayBar.svelte'
import ReplayRoom from '../src/replay/ReplayRoom.svelte'
import ToLive from '../src/replay/ToLive.svelte'
import { nothing, panel, there, told } from './story.ts'

const bar = ({ replayer }: Desk) => ({ replayer, replay: there(replayer.shown) })
const way = ({ replayer }: Desk) => ({ replay: there(replayer.shown) })

export const stories = [
  ...told('replay/ReplayRoom', ReplayRoom, {
    shelf: { scene: 'calm', props: panel() },
    replay: { scene: 'midflight.replay', props: panel() },
  }),
  ...told('replay/ReplayBar', ReplayBar, {
    standing: { scene: 'midflight.replay', props: bar },
    exercise: { scene: 'midflight.freedom-27.replay', props: bar },
    opening: { scene: 'launch.replay', props: bar },
  }),
  ...told('replay/Moments', Moments, {
    live: {
      scene: 'midflight.replay',
      props: ({ about, replayer }) => ({ about: there(about), replay: there(replayer.shown), onopen: nothing }),
    },
  }),
  ...told('replay/ToLive', ToLive, { live: { scene: 'midflight.replay', props: way } }),
]
