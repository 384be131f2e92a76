import { ACTIONS, whyNotNow } from '../actions.ts'
import type { Item } from '../docket/docket.ts'
import { roomOf } from '../docket/docket.ts'
import { commandName, instrumentName } from '../form/document.ts'
import type { Form } from '../form/schema.ts'
import { LANGUAGES, OWN_NAMES, spoken } from '../language.svelte.ts'
import type { About } from '../picture.ts'
import { ROOMS } from '../rooms.ts'
import { compactName, roomName } from '../say.ts'
import { type Key, t } from '../strings.ts'
import type { Entry, Words } from '../words/entry.ts'
import type { Desk } from './desk.svelte.ts'
import { fit, plain } from './fuzzy.ts'

/** Something that the palette finds. */
export interface Find {
  readonly id: string
  readonly kind: Key
  readonly words: string
  /** The same in other words, by which it is found too. */
  readonly also: readonly string[]
  readonly keys: readonly string[]
  /** Why it cannot be done now. */
  readonly why: string | null
  readonly run: () => unknown
}

const MOST = 60

const text = (entry: Entry) => (typeof entry === 'string' ? entry : entry.other)

/** The words of a key in every language that is at hand. */
const inAll = (key: Key, languages: readonly Words[]) => languages.map((words) => text(words[key]))

/** All that can be done or gone to from here, what this room offers first. */
export function finds(
  desk: Desk,
  about: About,
  docket: readonly Item[],
  languages: readonly Words[],
  forms: readonly Form[] = [],
): readonly Find[] {
  const { view, stream } = desk
  const go = (kind: Key, id: string, words: string, also: readonly string[], run: () => unknown): Find => ({
    id,
    kind,
    words,
    also,
    keys: [],
    why: null,
    run,
  })
  const actions = [...ACTIONS].sort((a, b) => Number(b.room === view.room) - Number(a.room === view.room))
  return [
    ...actions.filter(({ id }) => id !== 'palette').map((action): Find => {
      const room = action.room ?? (action.id.startsWith('room.') ? action.id.slice(5) : null)
      const named = room === null ? [] : inAll(`room.${room}` as Key, languages.filter((words) => `room.${room}` in words))
      const here = action.room === null || action.room === view.room
      const why = here ? whyNotNow(action, desk) : null
      return {
        id: action.id,
        kind: action.id.startsWith('room.') ? 'palette.room' : 'palette.action',
        words: action.room === null ? t(action.words, action.values?.()) : `${roomName(action.room)}: ${t(action.words)}`,
        also: room === null || action.room !== null ? [...inAll(action.words, languages), ...named] : named,
        keys: action.keys,
        why: why && t(why),
        run: () => desk.act(action),
      }
    }),
    ...LANGUAGES.filter((one) => one !== spoken.language).map((one) =>
      go('palette.language', `language.${one}`, OWN_NAMES[one], [...inAll(`language.${one}`, languages)], () =>
        spoken.choose(one),
      ),
    ),
    ...desk.ordered.map(({ number, tracks }) =>
      go('palette.track', `track.${number}`, t('palette.track.named', { number }), tracks, () => {
        view.enter('watch')
        view.choose(number)
      }),
    ),
    ...stream.board.conversations.map(({ id, subject }) =>
      go('palette.conversation', `conversation.${id}`, subject, [], () => view.enter('hotline', id)),
    ),
    ...stream.consultations.consultations.map(({ id, subject }) =>
      go('palette.consultation', `consultation.${id}`, subject, [], () => view.enter('consult', id)),
    ),
    ...docket.map(({ subject, title, instrument, opens }) =>
      go('palette.docket', `docket.${subject}`, title, [subject], () => {
        const room = roomOf(instrument, ROOMS)
        if (room) desk.enter(room, room === 'watch' ? undefined : opens)
        else desk.enter('docket')
      }),
    ),
    ...about.worlds
      .filter(({ world }) => world !== about.world)
      .map(({ world, exercise, title, url }) =>
        go(
          'palette.world',
          `world.${world}`,
          `${exercise ? t('exercise.named', { name: exercise }) : t('world.live')}, ${title}`,
          [compactName(world)],
          () => window.location.assign(url),
        ),
      ),
    ...forms.map(({ path, instrument, name }) =>
      go('palette.form', `form.${path}`, `${commandName(name).words}, ${instrumentName(instrument)}`, [path, path.replaceAll('-', ' ')], () =>
        desk.enter('form', path),
      ),
    ),
  ]
}

/** Those that answer to what was typed, the best first. Nothing typed: as they come. */
export function found(all: readonly Find[], typed: string): readonly Find[] {
  const wanted = plain(typed.trim())
  if (wanted === '') return all.slice(0, MOST)
  return all
    .flatMap((one) => {
      const fits = [one.words, ...one.also].flatMap((words) => fit(wanted, plain(words)) ?? [])
      return fits.length > 0 ? [{ one, score: Math.max(...fits) }] : []
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ one }) => one)
}
