import Typed from './Typed.svelte'
import { there, told } from './story.ts'

const words = 'We hold a track over Tohoku.'

export const stories = [
  ...told('drafts/Kept', Typed, {
    blank: { scene: 'calm', props: (desk) => ({ about: there(desk.about), words: '' }) },
    typed: { scene: 'calm', props: (desk) => ({ about: there(desk.about), words }) },
    found: { scene: 'calm', props: (desk) => ({ about: there(desk.about), words, found_s: 7_200 }) },
    unkept: { scene: 'calm', props: (desk) => ({ about: there(desk.about), words, kept: false }) },
    refused: {
      scene: 'calm',
      props: (desk) => ({ about: there(desk.about), words, refused: 'Nobody answers for the principal. Choose another office.' }),
    },
    rightToLeft: { scene: 'calm', props: (desk) => ({ about: there(desk.about), words: 'نتابع مسارًا فوق توهوكو' }) },
  }),
]
