/** What can be done with a replay, from every room. */
import type { Action } from '../actions.ts'
import type { Desk } from '../frame/desk.svelte.ts'

const why = ({ replayer }: Desk) => (replayer.open ? null : 'why.no-replay')

export const actions: readonly Action[] = [
  { id: 'replay.play', words: 'help.replay.play', keys: ['R'], room: null, why, run: ({ replayer }) => replayer.toggle() },
  { id: 'replay.next', words: 'help.replay.next', keys: [')'], room: null, why, run: ({ replayer }) => replayer.toRecord(1) },
  { id: 'replay.previous', words: 'help.replay.previous', keys: ['('], room: null, why, run: ({ replayer }) => replayer.toRecord(-1) },
  { id: 'replay.mark', words: 'help.replay.mark', keys: ['}'], room: null, why, run: ({ replayer }) => replayer.toMark(1) },
  { id: 'replay.mark.back', words: 'help.replay.mark.back', keys: ['{'], room: null, why, run: ({ replayer }) => replayer.toMark(-1) },
  { id: 'replay.faster', words: 'help.replay.faster', keys: ['>'], room: null, why, run: ({ replayer }) => replayer.faster(1) },
  { id: 'replay.slower', words: 'help.replay.slower', keys: ['<'], room: null, why, run: ({ replayer }) => replayer.faster(-1) },
]
