/** Where labels may stand so that none covers another: the more important chooses first. */
import type { Landed, Screen } from './camera.ts'

export type LabelKind = 'member' | 'area' | 'sensor' | 'track' | 'launch' | 'impact' | 'observed'

export interface Label {
  readonly key: string
  readonly kind: LabelKind
  readonly text: string
  readonly detail: string
  /** Higher chooses first. */
  readonly weight: number
  readonly critical: boolean
  readonly fade: number
  /** Free pixels around the point, where its own symbol stands. */
  readonly clear: number
  readonly landed: Landed
  /** Which side to try first: away from the flight. */
  readonly side: 'left' | 'right'
}

export interface Placed extends Label {
  /** Words are set against the side that faces their point. */
  readonly align: 'left' | 'right' | 'center'
  readonly left: number
  readonly top: number
}

interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const LINE_PX = 16
const PAD_PX = 6
const EDGE_PX = 8
/** The weight from which a label is of the chosen track. */
export const CHOSEN = 450

export type Measure = (text: string, kind: LabelKind) => number

/** Labels that fit. A member's name stands on its point; others stand beside theirs. */
export function placed(labels: readonly Label[], screen: Screen, measure: Measure): Placed[] {
  const symbols: Box[] = labels.filter(({ clear, landed }) => clear > 0 && !landed.hidden).map(symbolBox)
  const words: Box[] = []
  const result: Placed[] = []
  for (const label of [...labels].sort((a, b) => b.weight - a.weight)) {
    if (label.landed.hidden) continue
    const width = Math.max(measure(label.text, label.kind), measure(label.detail, label.kind)) + 2 * PAD_PX
    const height = LINE_PX * (label.detail ? 2 : 1) + PAD_PX
    const own = symbolBox(label)
    const candidates = spots(label, width, height).filter((box) => inside(box, screen))
    const free = (box: Box, among: readonly Box[]) => !among.some((other) => !same(other, own) && overlaps(other, box))
    const spot =
      candidates.find((box) => free(box, [...symbols, ...words])) ??
      // In a crowd the chosen track keeps its words, over other symbols if it must.
      (label.weight >= CHOSEN ? candidates.find((box) => free(box, words)) : undefined)
    if (!spot) continue
    words.push(spot)
    result.push({ ...label, left: spot.left, top: spot.top, align: alignment(spot, label.landed.x) })
  }
  return result
}

function spots({ landed: { x, y }, clear, kind, detail, side }: Label, width: number, height: number): Box[] {
  const box = (left: number, top: number): Box => ({ left, top, right: left + width, bottom: top + height })
  const centre = box(x - width / 2, y - height / 2)
  if (kind === 'member' && !detail) return [centre]
  const [right, left] = [box(x + clear, y - height / 2), box(x - clear - width, y - height / 2)]
  const [below, above] = [box(x - width / 2, y + clear), box(x - width / 2, y - clear - height)]
  const [toward, away] = side === 'right' ? [right, left] : [left, right]
  if (kind === 'member' || kind === 'area') return [centre, below, above, left, right]
  return [
    // A track's words may lie along its path; those of its ends would lie on it.
    ...(kind === 'launch' || kind === 'impact' || kind === 'observed' ? [toward, below, above, away] : [toward, away, below, above]),
    box(x + clear * 0.7, y + clear * 0.7),
    box(x + clear * 0.7, y - clear * 0.7 - height),
    box(x - clear * 0.7 - width, y + clear * 0.7),
  ]
}

function alignment({ left, right }: Box, x: number): Placed['align'] {
  return left >= x ? 'left' : right <= x ? 'right' : 'center'
}

function symbolBox({ landed: { x, y }, clear }: Label): Box {
  const half = clear * 0.8
  return { left: x - half, top: y - half, right: x + half, bottom: y + half }
}

const same = (a: Box, b: Box) => a.left === b.left && a.top === b.top && a.right === b.right
const overlaps = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
const inside = (box: Box, screen: Screen) =>
  box.left >= EDGE_PX &&
  box.top >= EDGE_PX &&
  box.right <= screen.width - EDGE_PX &&
  box.bottom <= screen.height - EDGE_PX
