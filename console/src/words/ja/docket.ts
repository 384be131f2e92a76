import type { docket as en } from '../en/docket.ts'
import type { Entry } from '../entry.ts'

export const docket: Readonly<Record<keyof typeof en, Entry>> = {
  'room.docket': '案件',
  'help.search': '全発信の検索',
  'docket.side': '検索及び部署',
  'docket.list': '案件',
  'docket.open': '未了{n}件（期限順）',
  'docket.of': '{all}件中{n}件を表示',
  'docket.none': '未了案件なし。',
  'docket.late': '期限を{age}超過',
  'docket.in': '期限まで{age}',
  'docket.undated': '期限なし',
  'docket.offices': '部署',
  'docket.everyone': '全部署',
  'docket.nobody': '担当部署なし',
  'docket.consult': '協議を要請',
  'docket.consult.on': '協議を要請：{title}',
  'docket.consult.all': '選択した{n}件について一括して協議を要請',
  'docket.clear': '選択を全て解除',
  'docket.tick': '選択：{title}',
  'docket.room': '「{room}」で開く',

  'search.words': '全発信を検索',
  'search.hint': '全ての語を（一部でも）含むもの。',
  'search.title': '次の語を含む発信：{words}',
  'search.found': '{n}件（新着順）',
  'search.none': '全ての語を含む記録はない。撤回された記録は検索されない。',
  'search.most': '最新{n}件を表示。語を増やすと絞り込める。',
  'search.end': '案件に戻る',
}
