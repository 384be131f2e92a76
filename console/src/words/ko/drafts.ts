import type { drafts as en } from '../en/drafts.ts'
import type { Entry } from '../entry.ts'

export const drafts: Readonly<Record<keyof typeof en, Entry>> = {
  'kept.here': '발신할 때까지 이 장비에 보존됩니다.',
  'kept.found': '{age} 전 초안, 이 장비에 보존됨.',
  'kept.memory': '보존 불가: 이 브라우저는 아무것도 저장하지 않습니다. 이 화면을 닫으면 사라집니다.',
  'kept.discard': '폐기',
  'ask.nobody': '노드가 응답하지 않습니다. 입력한 내용은 보존됩니다. 복구된 뒤 다시 시도하십시오.',
}
