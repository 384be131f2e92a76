import type { Found, Item } from '../src/docket/docket.ts'
import DocketRoom from '../src/docket/DocketRoom.svelte'
import FoundRows from '../src/docket/FoundRows.svelte'
import ItemRow from '../src/docket/ItemRow.svelte'
import type { Desk } from '../src/frame/desk.svelte.ts'
import { asked, nothing, panel, there, told } from './story.ts'

const found = (words: string) => asked<readonly Found[]>(`search?${new URLSearchParams({ words })}`)

const rows = (words: string, of: () => Promise<readonly Found[] | null>) => async (desk: Desk) => ({
  about: there(desk.about),
  words,
  found: await of(),
  onconsult: nothing,
  onroom: nothing,
  onend: nothing,
})
const item = (such: (item: Item, now_ms: number) => boolean, ticked = false) => async (desk: Desk) => ({
  item: there((await asked<readonly Item[]>('docket')).find((one) => such(one, desk.now_ms))),
  now_ms: desk.now_ms,
  ticked,
  ontick: nothing,
  onconsult: nothing,
  onroom: nothing,
})
const due_ms = ({ due }: Item) => (due === null ? Infinity : Date.parse(due))

export const stories = [
  ...told('docket/DocketRoom', DocketRoom, {
    open: { scene: 'talk', props: panel() },
    exercise: { scene: 'talk.freedom-27', props: panel() },
    found: { scene: 'talk', props: panel('search:Tohoku') },
    empty: { scene: 'calm', props: panel() },
  }),
  ...told(
    'docket/ItemRow',
    ItemRow,
    {
      late: { scene: 'talk', props: item((one, now_ms) => due_ms(one) < now_ms) },
      soon: { scene: 'talk', props: item((one, now_ms) => due_ms(one) > now_ms) },
      undated: { scene: 'talk', props: item(({ due }) => due === null) },
      ticked: { scene: 'talk', props: item(({ due }) => due === null, true) },
    },
    'ul',
  ),
  ...told('docket/FoundRows', FoundRows, {
    some: { scene: 'talk', props: rows('Tohoku', () => found('Tohoku')) },
    none: { scene: 'talk', props: rows('nowhere', () => found('nowhere')) },
    coming: { scene: 'talk', props: rows('Tohoku', async () => null) },
    hostile: {
      scene: 'talk',
      props: rows('img', async () => {
        const [one] = await found('Tohoku')
        return [{ ...there(one), language: 'en', excerpt: '<img src=x onerror=alert(1)><b>not bold</b>' }]
      }),
    },
    rightToLeft: {
      scene: 'talk',
      props: rows('توهوكو', async () => {
        const [one] = await found('Tohoku')
        return [{ ...there(one), language: 'ar', excerpt: 'تأكد مرور الصاروخ فوق منطقة توهوكو' }]
      }),
    },
  }),
]
