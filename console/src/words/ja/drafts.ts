import type { drafts as en } from '../en/drafts.ts'
import type { Entry } from '../entry.ts'

export const drafts: Readonly<Record<keyof typeof en, Entry>> = {
  'kept.here': '送信するまで、この端末に保持される。',
  'kept.found': '{age}前の下書き。この端末に保持されている。',
  'kept.memory': '保持不可：このブラウザーは何も保存しない。このページを閉じると失われる。',
  'kept.discard': '破棄',
  'ask.nobody': 'ノードが応答しない。入力内容は失われない。復旧後に再度行うこと。',
}
