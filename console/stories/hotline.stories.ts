import type { Desk } from '../src/frame/desk.svelte.ts'
import AcknowledgePaper from '../src/hotline/AcknowledgePaper.svelte'
import AttachedFile from '../src/hotline/AttachedFile.svelte'
import type { Conversation, MessageRow } from '../src/hotline/board.ts'
import Calls from '../src/hotline/Calls.svelte'
import CheckForm from '../src/hotline/CheckForm.svelte'
import ConversationList from '../src/hotline/ConversationList.svelte'
import ConversationView from '../src/hotline/ConversationView.svelte'
import Handset from '../src/hotline/Handset.svelte'
import HotlineRoom from '../src/hotline/HotlineRoom.svelte'
import LinesPaper from '../src/hotline/LinesPaper.svelte'
import Message from '../src/hotline/Message.svelte'
import ReachRow from '../src/hotline/ReachRow.svelte'
import Translations from '../src/hotline/Translations.svelte'
import Write from '../src/hotline/Write.svelte'
import { asked, nothing, there, told } from './story.ts'

const first = (desk: Desk) => there(desk.stream.board.conversations[0])
const talk = (desk: Desk) => asked<Conversation>(`hotline/conversation?id=${first(desk).id}&most=500`)

const message = (n: number) => async (desk: Desk) => {
  const { messages } = await talk(desk)
  const shown = there(messages[n])
  return {
    about: there(desk.about),
    message: shown,
    answered: messages.find(({ id }) => id === shown.answers) ?? null,
    seen: false,
    onanswer: nothing,
    onacknowledge: nothing,
  }
}

const part = <T>(of: (message: MessageRow) => T | undefined) => async (desk: Desk) =>
  there((await talk(desk)).messages.map(of).find((one) => one !== undefined))

const room = (id: string | null) => (desk: Desk) => ({
  about: there(desk.about),
  board: desk.stream.board,
  bell: desk.bell,
  now_ms: desk.now_ms,
  id: id ?? desk.stream.board.conversations[0]?.id ?? null,
  seen: false,
  onopen: nothing,
  onacknowledge: nothing,
})

const check = (desk: Desk) => {
  const line = there(desk.stream.lines?.lines.find(({ checks }) => checks.some(({ waits_for_us }) => waits_for_us)))
  return { about: there(desk.about), member: line.member, check: there(line.checks.find(({ waits_for_us }) => waits_for_us)), now_ms: desk.now_ms }
}

const write = (opens: boolean) => async (desk: Desk) => ({
  about: there(desk.about),
  conversation: opens ? null : await talk(desk),
  answering: null,
  onanswering: nothing,
  onsaid: nothing,
})

export const stories = [
  ...told('hotline/Calls', Calls, {
    ringing: {
      scene: 'talk',
      props: (desk) => ({ ...room(null)(desk), onopen: nothing }),
    },
    exercise: { scene: 'talk.freedom-27', props: (desk) => ({ ...room(null)(desk), onopen: nothing }) },
  }),
  ...told('hotline/HotlineRoom', HotlineRoom, {
    open: { scene: 'talk', props: room(null) },
    beginning: { scene: 'talk', props: room('new') },
    empty: { scene: 'calm', props: room(null) },
  }),
  ...told('hotline/ConversationList', ConversationList, {
    some: {
      scene: 'talk',
      props: (desk) => ({
        about: there(desk.about),
        rows: desk.stream.board.conversations,
        now_ms: desk.now_ms,
        id: first(desk).id,
        onopen: nothing,
      }),
    },
  }),
  ...told('hotline/ConversationView', ConversationView, {
    open: {
      scene: 'talk',
      props: (desk) => ({
        about: there(desk.about),
        board: desk.stream.board,
        id: first(desk).id,
        seen: false,
        onacknowledge: nothing,
      }),
    },
  }),
  ...told('hotline/Message', Message, {
    theirs: { scene: 'talk', props: message(0) },
    ours: { scene: 'talk', props: message(1) },
  }),
  ...told('hotline/Write', Write, {
    answer: { scene: 'talk', props: write(false) },
    new: { scene: 'talk', props: write(true) },
  }),
  ...told('hotline/AcknowledgePaper', AcknowledgePaper, {
    readback: {
      scene: 'talk',
      props: (desk) => ({
        about: there(desk.about),
        message: there(desk.stream.board.calls[0]),
        now_ms: desk.now_ms,
        onclose: nothing,
      }),
    },
  }),
  ...told('hotline/LinesPaper', LinesPaper, {
    unanswered: {
      scene: 'talk',
      props: (desk) => ({ about: there(desk.about), lines: desk.stream.lines, now_ms: desk.now_ms, onclose: nothing }),
    },
  }),
  ...told('hotline/CheckForm', CheckForm, { asked: { scene: 'talk', props: check } }),
  ...told('hotline/AttachedFile', AttachedFile, {
    whole: {
      scene: 'talk',
      props: async (desk) => ({ file: await part(({ attachments }) => attachments.find(({ whole }) => whole))(desk) }),
    },
    coming: {
      scene: 'talk',
      props: async (desk) => ({
        file: await part(({ attachments }) => attachments.find(({ held, parts }) => held < parts))(desk),
      }),
    },
  }, 'ul'),
  ...told('hotline/ReachRow', ReachRow, {
    acknowledged: {
      scene: 'talk',
      props: async (desk) => ({
        reach: await part(({ reach }) => reach.find(({ reached }) => reached === 'acknowledged'))(desk),
        mine: true,
      }),
    },
    shown: {
      scene: 'talk',
      props: async (desk) => ({
        reach: await part(({ reach }) => reach.find(({ reached }) => reached === 'shown'))(desk),
        mine: true,
      }),
    },
  }, 'ul'),
  ...told('hotline/Translations', Translations, {
    draft: {
      scene: 'talk',
      props: async (desk) => ({
        translations: await part(({ translations }) => (translations.some(({ draft }) => draft) ? translations : undefined))(desk),
      }),
    },
  }),
  ...told('hotline/Handset', Handset, {
    flash: { scene: 'calm', props: () => ({ precedence: 3 }) },
    immediate: { scene: 'calm', props: () => ({ precedence: 2 }) },
  }),
]
