/** What flies, drawn by deck.gl above the map: trails at their height, dashed predictions, symbols. */
import { type IconLayerProps, IconLayer, LineLayer, PathLayer } from '@deck.gl/layers'
import type { Layer } from '@deck.gl/core'

import type { SensorSite } from '../picture.ts'
import type { Drawn, Point3 } from './scene.ts'
import { COLOURS } from './style.ts'
import type { Sprites } from './sprites.ts'

type Rgba = [number, number, number, number]

/** deck.gl's globe drops faces that turn away from the eye, which would drop flat symbols and lines with them. */
const LINES = { cullMode: 'none', depthWriteEnabled: false } as const
/** Symbols stand in front of everything; what is behind the Earth is left out beforehand. */
const SYMBOLS = { ...LINES, depthCompare: 'always' } as const

export function flightLayers(drawn: readonly Drawn[]): Layer[] {
  const dashes = drawn.flatMap((one) => one.dashes.map((path) => ({ path, one })))
  return [
    new LineLayer<Drawn>({
      id: 'stems',
      data: drawn,
      getSourcePosition: ({ stem }) => stem[0],
      getTargetPosition: ({ stem }) => stem[1],
      getColor: ({ fade }) => rgba(COLOURS.flight, 0.28 * fade),
      getWidth: 1,
      parameters: LINES,
    }),
    new PathLayer<Drawn>({
      id: 'flown-glow',
      data: drawn,
      getPath: ({ flown }) => flown,
      getColor: ({ fade, selected }) => rgba(COLOURS.flight, (selected ? 0.2 : 0.1) * fade),
      getWidth: 9,
      ...ROUND,
    }),
    new PathLayer<Drawn>({
      id: 'flown',
      data: drawn,
      getPath: ({ flown }) => flown,
      getColor: ({ fade }) => rgba(COLOURS.flight, 0.95 * fade),
      getWidth: ({ selected }) => (selected ? 2.75 : 2),
      ...ROUND,
    }),
    new PathLayer<{ path: Point3[]; one: Drawn }>({
      id: 'predicted',
      data: dashes,
      getPath: ({ path }) => path,
      getColor: ({ one }) => rgba(one.critical ? COLOURS.critical : COLOURS.flight, 0.85 * one.fade),
      getWidth: ({ one }) => (one.selected ? 2 : 1.5),
      ...ROUND,
      capRounded: false,
    }),
  ]
}

export function symbolLayers(drawn: readonly Drawn[], sensors: readonly SensorSite[], sprites: Sprites): Layer[] {
  const sheet = {
    iconAtlas: asTexture(sprites.atlas),
    iconMapping: sprites.mapping,
    billboard: true,
    parameters: SYMBOLS,
  }
  return [
    new IconLayer<SensorSite>({
      id: 'sensors',
      data: sensors,
      getIcon: () => 'radar',
      getPosition: ({ lon_deg, lat_deg }) => [lon_deg, lat_deg, 0],
      getSize: 18,
      ...sheet,
    }),
    new IconLayer<Drawn>({
      id: 'missiles',
      // What has come down bears the mark of its impact instead.
      data: drawn.filter(({ track }) => !track.observed),
      getIcon: () => 'missile',
      getPosition: ({ at }) => at,
      getSize: ({ selected }) => (selected ? 30 : 24),
      getColor: ({ fade }) => [255, 255, 255, 255 * Math.max(fade, 0.6)],
      ...sheet,
    }),
  ]
}

/** deck.gl makes a texture of any image; its types say so only of addresses, which our content policy forbids to fetch. */
function asTexture(atlas: HTMLCanvasElement): NonNullable<IconLayerProps['iconAtlas']> {
  return atlas as unknown as NonNullable<IconLayerProps['iconAtlas']>
}

const ROUND = {
  widthUnits: 'pixels',
  billboard: true,
  capRounded: true,
  jointRounded: true,
  parameters: LINES,
} as const

function rgba(hex: string, alpha: number): Rgba {
  const channel = (from: number) => Number.parseInt(hex.slice(from, from + 2), 16)
  return [channel(1), channel(3), channel(5), Math.round(alpha * 255)]
}
