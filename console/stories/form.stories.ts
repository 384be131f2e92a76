import CommandForm from '../src/form/CommandForm.svelte'
import { forms } from '../src/form/document.ts'
import Field from '../src/form/Field.svelte'
import FormRoom from '../src/form/FormRoom.svelte'
import Says from '../src/form/Says.svelte'
import type { Shape, Typed } from '../src/form/schema.ts'
import type { Desk } from '../src/frame/desk.svelte.ts'
import { panel, there, told } from './story.ts'

const CALM = 'calm'
const ID: Shape = { is: 'text', min: 0, max: null, pattern: '^[0-9a-f]{64}$', base64: false }
const WORDS: Shape = { is: 'text', min: 1, max: 4_000, pattern: null, base64: false }
const METRES: Shape = { is: 'number', whole: false, least: 0, most: 50_000, above: null, below: null }
const GRADE: Shape = { is: 'choice', of: ['A1', 'B2', 'F6'] }
const PLACE: Shape = {
  is: 'struct',
  says: '',
  row: false,
  fields: [
    { name: 'place', needed: true, shape: WORDS },
    { name: 'within_m', needed: false, shape: METRES },
  ],
}

const whole = (path: string) => async (desk: Desk) => ({
  about: there(desk.about),
  form: there((await forms()).find((one) => one.path === path)),
})
const field = (name: string, shape: Shape, value: Typed, more: { needed?: boolean; wrong?: string } = {}) => ({
  scene: CALM,
  props: (desk: Desk) => ({
    about: there(desk.about),
    name,
    shape,
    value,
    at: name,
    needed: more.needed ?? true,
    wrong: new Map(more.wrong === undefined ? [] : [[name, more.wrong]]),
  }),
})

export const stories = [
  ...told('form/FormRoom', FormRoom, {
    list: { scene: CALM, props: panel() },
    open: { scene: CALM, props: panel('warning/acknowledge-alert') },
    gone: { scene: CALM, props: panel('nothing/here') },
  }),
  ...told('form/CommandForm', CommandForm, {
    one: { scene: CALM, props: whole('warning/acknowledge-alert') },
    two: { scene: CALM, props: whole('warning/issue-public-alert') },
    nested: { scene: CALM, props: whole('region/report-incident') },
    empty: { scene: CALM, props: whole('exercise/halt') },
    exercise: { scene: 'calm.freedom-27', props: whole('warning/issue-public-alert') },
  }),
  ...told('form/Field', Field, {
    text: field('text', WORDS, 'We hold a track.\nIt is over Tohoku.'),
    id: field('alert', ID, 'ab', { wrong: 'The id of a record has 64 digits and letters a to f.' }),
    number: field('within_m', METRES, '1200', { needed: false }),
    choice: field('grade', GRADE, 'B2'),
    yes: field('all_day', { is: 'boolean' }, 'true'),
    moment: field('begins_at', { is: 'moment' }, '2026-11-22 08:30'),
    date: field('starts_on', { is: 'date' }, '', { wrong: 'Write a date, such as 2026-11-22.' }),
    label: field('label', { is: 'label' }, { classification: 'SECRET', to: ['USA'], caveats: '' }),
    list: field('places', { is: 'list', of: PLACE, min: 1, max: 8 }, [{ place: 'Tohoku', within_m: '1200' }]),
    left: field('place', { is: 'maybe', of: PLACE }, null, { needed: false }),
    filled: field('place', { is: 'maybe', of: PLACE }, { place: 'Tohoku', within_m: '' }, { needed: false }),
    json: field('more', { is: 'json' }, '{', { wrong: 'This is not JSON.' }),
    said: field('type', { is: 'const', of: 'incident' }, null),
    hostile: field('text', WORDS, '<img src=x onerror=alert(1)>', { wrong: 'Must be <b>words</b>.' }),
  }),
  ...told('form/Says', Says, {
    plain: { scene: CALM, props: () => ({ said: { words: 'Stop all play.', lang: 'en' } }) },
    fields: { scene: CALM, props: () => ({ said: { words: 'Ask those whom `label.rel_to` names. `laurel consult ready` gives `text_hash`.', lang: 'en' } }) },
  }),
]
