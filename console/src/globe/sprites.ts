/** Our symbols on one sheet, drawn once. */
import drawings from 'virtual:symbols'

import type { Drawing } from 'virtual:symbols'

interface Cell {
  x: number
  y: number
  width: number
  height: number
  anchorX: number
  anchorY: number
}

export interface Sprites {
  readonly atlas: HTMLCanvasElement
  readonly mapping: Record<string, Cell>
}

export type SymbolName = 'missile' | 'radar'

/** Drawn this much larger than their nominal size, so that they stay sharp on dense screens. */
const SHARPNESS = 2

export function drawing(name: SymbolName, exercise: boolean): Drawing {
  const found = drawings[`${name}-${exercise ? 'exercise' : 'live'}`]
  if (!found) throw new Error(`no symbol ${name}`)
  return found
}

export function imageUrl({ svg }: Drawing): string {
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}

/** Symbols of an exercise carry the simulation mark of the standard. */
export async function sprites(exercise: boolean): Promise<Sprites> {
  const names: SymbolName[] = ['missile', 'radar']
  const found = names.map((name) => ({ name, ...drawing(name, exercise) }))
  const atlas = document.createElement('canvas')
  atlas.width = Math.ceil(found.reduce((sum, one) => sum + one.width, 0) * SHARPNESS) + 2 * found.length
  atlas.height = Math.ceil(Math.max(...found.map((one) => one.height)) * SHARPNESS)
  const brush = atlas.getContext('2d')
  if (!brush) throw new Error('this browser has no 2-D canvas')
  const mapping: Record<string, Cell> = {}
  let left = 0
  for (const one of found) {
    const image = new Image()
    image.src = imageUrl(one)
    await image.decode()
    const [width, height] = [Math.ceil(one.width * SHARPNESS), Math.ceil(one.height * SHARPNESS)]
    brush.drawImage(image, left, 0, width, height)
    mapping[one.name] = { x: left, y: 0, width, height, anchorX: one.x * SHARPNESS, anchorY: one.y * SHARPNESS }
    left += width + 2
  }
  return { atlas, mapping }
}
