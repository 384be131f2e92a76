import assert from 'node:assert/strict'
import { test } from 'vitest'

import {
  type ConsultationRow,
  type Edit,
  type TextRow,
  type Version,
  type VoteRow,
  changes,
  editOf,
  edited,
  maySettle,
  waitingOnes,
} from '../src/consult/course.ts'
import { textState, waitsBecause } from '../src/consult/words.ts'
import { missing, unwritten } from '../src/hotline/writing.ts'
import { took } from '../src/say.ts'

const AT = '2026-10-03T12:03:00Z'

function version(text: string, language = 'en'): Version {
  return { language, text }
}

function vote(member: string, said: Partial<VoteRow> = {}): VoteRow {
  return { member, vote: null, at: null, record: null, held_at: null, shown_to: [], reason: '', language: null, edits: [], ...said }
}

function text(said: Partial<TextRow>): TextRow {
  return {
    id: 'a',
    member: 'USA',
    purpose: 'response',
    round: 1,
    versions: [],
    clauses: [],
    options: [],
    text_hash: '',
    deadline: AT,
    at: AT,
    amends: null,
    reason: '',
    state: 'open',
    waits_for: [],
    votes: [],
    remarks: [],
    stances: [],
    ...said,
  }
}

/** As the node does it: `old` must stand once in the words. */
function applied(words: string, { old, new: next }: Edit): string {
  assert.equal(words.split(old).length, 2, `"${old}" stands not once in "${words}"`)
  return words.replace(old, () => next)
}

test('an edit, applied as the node does, makes the one text the other', () => {
  const pairs = [
    ['We condemn the launch.', 'We strongly condemn the launch.'],
    ['over Japan.', 'over Japan without notice.'],
    ['the the the', 'the the the the'],
    ['我々は発射を非難する。', '我々は強く発射を非難する。'],
    ['우리는 발사를 규탄한다.', '우리는 발사를 강력히 규탄한다.'],
    ['aaaa', 'aa'],
    ['one', 'two'],
    ['a $& b', 'a $& c'],
    ['x', ''],
    ['emoji 😀 here', 'emoji 😁 here'],
  ] as const
  for (const [before, after] of pairs) {
    for (const [from, to] of [[before, after], [after, before]] as const) {
      if (from === '') continue
      const edit = editOf('en', from, to)
      assert.ok(edit && edit.old.length > 0)
      assert.equal(applied(from, edit), to)
      assert.doesNotMatch(edit.old + edit.new, /\p{Surrogate}/u)
    }
  }
  assert.equal(editOf('en', 'same', 'same'), null)
})

test('changes are marked by whole words', () => {
  const pieces = changes(version('passed over Japan.'), version('passed over Japan without notice.'))
  assert.deepEqual(
    pieces.map(({ is, text: words }) => [is, words]),
    [['same', 'passed over Japan'], ['new', ' without notice'], ['same', '.']],
  )
  const word = changes(version('the launch'), version('the launches'))
  assert.deepEqual(word.map(({ is }) => is), ['same', 'old', 'new'])
})

test('an amendment shows each of its edits where it belongs, and no other version’s', () => {
  const edits = [
    { language: 'en', old: 'three', new: '3' },
    { language: 'en', old: 'one', new: '1' },
    { language: 'ja', old: 'two', new: '二' },
  ]
  const pieces = edited(version('one two three'), edits)
  assert.equal(pieces.filter(({ is }) => is !== 'old').map(({ text: words }) => words).join(''), '1 two 3')
  assert.equal(pieces.filter(({ is }) => is !== 'new').map(({ text: words }) => words).join(''), 'one two three')
})

test('a text says in words where it stands', () => {
  const korea = vote('KOR', { held_at: AT })
  const waits = text({ state: 'provisional', waits_for: ['KOR'], votes: [vote('JPN', { vote: 'silent', at: AT }), korea] })
  assert.equal(textState(waits), 'provisional, waiting for KOR')
  assert.deepEqual(waitsBecause(waits), ['KOR: text delivered, shown to nobody'])
  assert.deepEqual(waitsBecause({ ...waits, votes: [vote('KOR')] }), ['KOR: text not delivered yet'])
  const reservation = { member: 'JPN', what: 'reservation', language: 'ja', words: '', at: AT } as const
  const adopted = text({ state: 'adopted', votes: [vote('USA', { vote: 'agreed', at: AT })], remarks: [reservation] })
  assert.equal(textState(adopted), 'adopted 12:03 UTC with 1 reservation')
  const broken = text({ state: 'broken', votes: [vote('JPN', { vote: 'amended', at: AT })] })
  assert.equal(textState(broken), 'broken by JPN: amendment')
})

test('only who was asked and has done nothing may still do something', () => {
  const open = text({ votes: [vote('JPN'), vote('USA', { vote: 'proposed', at: AT })] })
  assert.ok(maySettle(open, 'JPN'))
  assert.ok(!maySettle(open, 'USA'))
  assert.ok(!maySettle(open, 'KOR'))
  assert.ok(!maySettle({ ...open, state: 'broken' }, 'JPN'))
})

test('what waits for us stands before what waits for others, and the sooner before the later', () => {
  const row = (id: string, waits_for_us: string | null, due: string | null): ConsultationRow => ({
    id,
    subject: '',
    member: 'JPN',
    members: [],
    ground: 'threat',
    level: 'leader',
    banner: '',
    at: AT,
    stage: 'text',
    state: '',
    waits_for: [],
    waits_for_us,
    due,
  })
  const rows = [row('none', null, null), row('late', null, '2026-10-04T00:00:00Z'), row('soon', null, AT), row('us', 'Respond', null)]
  assert.deepEqual(waitingOnes(rows).map(({ id }) => id), ['us', 'soon', 'late', 'none'])
  assert.deepEqual(waitingOnes([{ ...row('over', null, null), stage: 'closed' }]), [])
})

test('nothing that is said on the hotline is chosen for its writer', () => {
  const draft = unwritten()
  assert.equal(missing(draft, true).length, 6)
  // ROUTINE is a choice as well.
  const chosen = { ...draft, text: 'a', language: 'en', precedence: 0, classification: 'SECRET', to: ['KOR'] }
  assert.deepEqual(missing(chosen, false), [])
  assert.deepEqual(missing(chosen, true), ['draft.subject'])
})

test('how long something took is told to the second while seconds matter', () => {
  assert.deepEqual([4.2, 95, 212.4, 7_300].map(took), ['4 s', '95 s', '3:32 min', '2 h'])
})
