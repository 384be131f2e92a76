import type { Areas } from '../src/api.ts'
import type { Desk } from '../src/frame/desk.svelte.ts'
import Globe from '../src/globe/Globe.svelte'
import type { LabelKind, Placed } from '../src/globe/labels.ts'
import Labels from '../src/globe/Labels.svelte'
import Legend from '../src/globe/Legend.svelte'
import { WHOLE } from '../src/watch/layers.ts'
import { asked, nothing, seen, there, told } from './story.ts'

const globe = (isLost: boolean) => (desk: Desk) => ({
  ...seen(desk),
  picture: there(desk.picture),
  areas: [],
  rate: desk.stream.rate,
  selected: desk.track?.number ?? null,
  lost: isLost,
  hidden: WHOLE,
  unseen: [],
  follow: true,
  onchoose: nothing,
  onfollow: nothing,
  onfail: nothing,
})
const noPlay = async () => ({ areas: (await asked<Areas>('exercise/areas')).areas.filter(({ now }) => now) })
const legend = (desk: Desk) => ({ picture: there(desk.picture), areas: [], hidden: WHOLE })

const label = (kind: LabelKind, text: string, detail: string, top: number, isCritical = false): Placed => ({
  key: kind,
  kind,
  text,
  detail,
  weight: 1,
  critical: isCritical,
  fade: 1,
  clear: 20,
  landed: { x: 200, y: top + 16, hidden: false },
  side: 'right',
  align: 'left',
  left: 220,
  top,
})
const KINDS: readonly Placed[] = [
  label('member', 'Japan', '', 40),
  label('area', 'Yamato bank', '', 65),
  label('sensor', 'radar-north', '', 90),
  label('track', 'Missile 1', '969 km, 4.5 km/s', 140),
  label('launch', 'Launch point', '± 4 km', 190),
  label('impact', 'Predicted impact 22:44:00', '± 10 s, ± 31 km', 240, true),
  label('observed', 'Observed impact 22:33:45', '± 1 s, ± 1 km', 290),
]

export const stories = [
  ...told('globe/Globe', Globe, {
    calm: { scene: 'calm', props: globe(false) },
    overflight: { scene: 'midflight', props: globe(false) },
    exercise: { scene: 'midflight.freedom-27', props: async (desk) => ({ ...globe(false)(desk), ...(await noPlay()) }) },
    raid: { scene: 'raid', props: globe(false) },
    cut: { scene: 'midflight', props: globe(true) },
  }),
  ...told('globe/Labels', Labels, {
    kinds: { scene: 'calm', props: () => ({ labels: KINDS, points: KINDS }) },
  }),
  ...told('globe/Legend', Legend, {
    calm: { scene: 'calm', props: legend },
    predicted: { scene: 'midflight', props: legend },
    observed: { scene: 'observed', props: legend },
    exercise: { scene: 'midflight.freedom-27', props: async (desk) => ({ ...legend(desk), ...(await noPlay()) }) },
  }),
]
