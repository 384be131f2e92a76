import AlertStrip from '../src/watch/AlertStrip.svelte'
import EventCard from '../src/watch/EventCard.svelte'
import type { Desk } from '../src/frame/desk.svelte.ts'
import { there, told } from './story.ts'

const strip = (desk: Desk) => ({
  about: there(desk.about),
  picture: desk.picture,
  now_ms: desk.now_ms,
  rate: desk.stream.rate,
})
const card = (desk: Desk) => ({
  about: there(desk.about),
  track: there(desk.track),
  now_ms: desk.now_ms,
  rate: desk.stream.rate,
})

export const stories = [
  ...told('watch/AlertStrip', AlertStrip, {
    calm: { scene: 'calm', props: strip },
    overflight: { scene: 'midflight', props: strip },
    exercise: { scene: 'midflight.freedom-27', props: strip },
    lost: { scene: 'lost', props: strip },
    withdrawn: { scene: 'withdrawn', props: strip },
    observed: { scene: 'observed', props: strip },
  }),
  ...told('watch/EventCard', EventCard, {
    launch: { scene: 'launch', props: card },
    midflight: { scene: 'midflight', props: card },
    lost: { scene: 'lost', props: card },
    observed: { scene: 'observed', props: card },
    announced: { scene: 'announced', props: card },
    doubtful: { scene: 'doubtful', props: card },
  }),
]
