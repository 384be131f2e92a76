import type { docket as en } from '../en/docket.ts'
import type { Entry } from '../entry.ts'

export const docket: Readonly<Record<keyof typeof en, Entry>> = {
  'room.docket': '현안',
  'help.search': '전체 발언 검색',
  'docket.side': '검색과 부서',
  'docket.list': '현안 목록',
  'docket.open': '미결 {n}건, 기한이 빠른 순',
  'docket.of': '{all}건 중 {n}건 표시',
  'docket.none': '미결 사항 없음.',
  'docket.late': '{age} 지연',
  'docket.in': '기한까지 {age}',
  'docket.undated': '기한 없음',
  'docket.offices': '부서',
  'docket.everyone': '모든 부서',
  'docket.nobody': '지정 부서 없음',
  'docket.consult': '협의 요청',
  'docket.consult.on': '협의 요청: {title}',
  'docket.consult.all': '{n}건을 묶어 협의 요청',
  'docket.clear': '선택 모두 해제',
  'docket.tick': '선택: {title}',
  'docket.room': '{room} 화면에서 열기',

  'search.words': '전체 발언 검색',
  'search.hint': '모든 낱말이 전부 또는 일부 포함되어야 합니다.',
  'search.title': '검색어: {words}',
  'search.found': '기록 {n}건, 최근 접수 순',
  'search.none': '이 낱말을 모두 포함한 기록이 없습니다. 회수된 기록은 검색되지 않습니다.',
  'search.most': '최근 {n}건을 표시합니다. 낱말을 더하면 좁혀집니다.',
  'search.end': '현안 목록으로 돌아가기',
}
