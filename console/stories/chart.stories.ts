import type { LatLon } from '../src/chart/flat.ts'
import Dotted from './Dotted.svelte'
import { told } from './story.ts'

const dotted = (...points: readonly LatLon[]) => ({ scene: 'calm', props: () => ({ points }) })
const HOKKAIDO: LatLon = { lat_deg: 43, lon_deg: 142 }

export const stories = [
  ...told('chart/Chart', Dotted, {
    empty: dotted(),
    home: dotted(HOKKAIDO),
    pacific: dotted(HOKKAIDO, { lat_deg: 21, lon_deg: -158 }),
  }),
]
