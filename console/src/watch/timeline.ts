/** Where the marks of the timeline stand, and in which row their words do not collide. */
import type { Member, StandingAlert, SystemTrack } from '../picture.ts'
import { utc } from '../say.ts'
import { t } from '../strings.ts'
import { type Level, alertLevel, alertsOf } from '../urgency.ts'

export type MarkKind = 'launch' | 'first' | 'last' | 'alert' | 'read' | 'impact' | 'observed' | 'now'

export interface Mark {
  readonly key: string
  readonly kind: MarkKind
  readonly at_ms: number
  readonly sigma_s: number
  readonly words: string
  readonly level: Level
}

export interface Span {
  readonly from_ms: number
  readonly to_ms: number
}

const CALM_MS = 15 * 60_000
const TICK_HALF_PX = 30

export function marksOf(
  track: SystemTrack | null,
  alerts: readonly StandingAlert[],
  own: string,
  members: readonly Member[],
  now_ms: number,
): Mark[] {
  const now: Mark = { key: 'now', kind: 'now', at_ms: now_ms, sigma_s: 0, words: t('time.now'), level: 'normal' }
  if (!track) return [now]
  const mark = (kind: MarkKind, at: string, sigma_s = 0): Mark => ({
    key: kind,
    kind,
    at_ms: Date.parse(at),
    sigma_s,
    words: t(`time.${kind as 'launch'}`),
    level: 'off',
  })
  return [
    ...(track.launch ? [mark('launch', track.launch.at, track.launch.at_sigma_s)] : []),
    mark('first', track.first_at),
    ...alertsOf(track, alerts).map((alert): Mark => ({
      key: alert.id,
      kind: 'alert',
      at_ms: Date.parse(alert.said_at),
      sigma_s: 0,
      words: t('time.alert', {
        member: members.find(({ code }) => code === alert.member)?.code ?? alert.member,
        reason: t(`alert.${alert.reason}`).toLowerCase(),
        state: t(alert.reason === 'launch' && alert.state === 'predicted' ? 'alert.detected' : `alert.${alert.state}`),
      }),
      level: alertLevel(alert, own),
    })),
    ...alertsOf(track, alerts)
      .flatMap(({ acknowledged }) => acknowledged)
      .filter(({ member, at }, n, all) => all.findIndex((one) => one.member === member && one.at <= at) === n)
      .map((one): Mark => ({
        key: `read-${one.alert}-${one.member}-${one.at}`,
        kind: 'read',
        at_ms: Date.parse(one.at),
        sigma_s: 0,
        words: t('time.read', { member: one.member }),
        level: 'normal',
      })),
    ...(track.state === 'tracked' ? [] : [mark('last', track.seen_at)]),
    now,
    ...(track.observed ? [mark('observed', track.observed.at, track.observed.at_sigma_s)] : []),
    ...(track.impact ? [mark('impact', track.impact.at, track.impact.at_sigma_s)] : []),
  ]
}

export function spanOf(marks: readonly Mark[], now_ms: number): Span {
  const times = marks.map(({ at_ms }) => at_ms)
  if (times.length < 2) return { from_ms: now_ms - CALM_MS, to_ms: now_ms + CALM_MS / 6 }
  const [from, to] = [Math.min(...times), Math.max(...times, now_ms)]
  const air = Math.max(20_000, (to - from) * 0.06)
  return { from_ms: from - air, to_ms: to + air }
}

/** Round times to write under the line: at most about eight. */
export function ticksOf({ from_ms, to_ms }: Span, width: number): { at_ms: number; words: string }[] {
  const steps = [15, 30, 60, 120, 300, 600, 1_800, 3_600].map((step_s) => step_s * 1000)
  const step = steps.find((candidate) => (to_ms - from_ms) / candidate <= 8) ?? 7_200_000
  // Half a label must fit on either side.
  const edge = ((to_ms - from_ms) / Math.max(width, 1)) * TICK_HALF_PX
  const first = Math.ceil((from_ms + edge) / step) * step
  return Array.from({ length: Math.max(0, Math.floor((to_ms - edge - first) / step) + 1) }, (_, n) => {
    const at_ms = first + n * step
    return { at_ms, words: utc(at_ms).slice(0, step < 60_000 ? 8 : 5) }
  })
}

export interface Row {
  readonly mark: Mark
  readonly x: number
  readonly row: number | null
  readonly side: 'right' | 'left'
}

const CHARACTER_PX = 6.6
/** Kana, Han and Hangul fill a square. */
const SQUARE_PX = 12.4
const SQUARE = /[\u2e80-\ud7ff\uff00-\uffef]/
const CLEAR_PX = 10

/** `now`, impact and launch choose first. A mark whose words fit in no row keeps its shape alone. */
export function rowsOf(marks: readonly Mark[], span: Span, width: number, rows = 2): Row[] {
  const order: MarkKind[] = ['now', 'impact', 'alert', 'launch', 'read', 'observed', 'last', 'first']
  const taken: { row: number; left: number; right: number }[] = []
  const at = (mark: Mark) => ((mark.at_ms - span.from_ms) / (span.to_ms - span.from_ms)) * width
  return [...marks]
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
    .map((mark) => {
      const x = at(mark)
      const wide = [...mark.words].reduce((px, one) => px + (SQUARE.test(one) ? SQUARE_PX : CHARACTER_PX), CLEAR_PX)
      for (let row = 0; row < rows; row++) {
        for (const side of ['right', 'left'] as const) {
          const [left, right] = side === 'right' ? [x - 4, x + 6 + wide] : [x - 6 - wide, x + 4]
          const free =
            left >= 0 && right <= width && !taken.some((one) => one.row === row && one.left < right && left < one.right)
          if (!free) continue
          taken.push({ row, left, right })
          // The line of now runs through every row.
          if (mark.kind === 'now') for (let n = 0; n < rows; n++) taken.push({ row: n, left: x - 4, right: x + 4 })
          return { mark, x, row, side }
        }
      }
      return { mark, x, row: null, side: 'right' as const }
    })
}
