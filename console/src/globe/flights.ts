/** What flies, as one layer of the map: trails at their height, predicted paths, ellipses, symbols. */
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibreMap } from 'maplibre-gl'

import type { SensorSite } from '../picture.ts'
import type { Sight } from './brush.ts'
import { type Screen, eye, radius_px } from './camera.ts'
import { type Around, EllipsePainter, Ellipses, IMPACT, LAUNCH, OBSERVED } from './ellipses.ts'
import { Marks } from './marks.ts'
import { CRITICAL, FLOWN, GLOW, HARMLESS, LinePainter, Lines, SHADOW } from './paths.ts'
import { type Drawn, SPACE_M } from './scene.ts'
import type { Sprites } from './sprites.ts'

/** Of each flight: fade, chosen, critical, nothing; points flown, points ahead, length ahead in metres, nothing. */
const LOOK = 8
const [FLOWN_COUNT, AHEAD_COUNT, AHEAD_M] = [0, 1, 2]
const FEWEST = 16

/** Asked of the page only when it changes: each time costs a layout. */
export function sizeOf(map: MapLibreMap): Screen {
  const { clientWidth, clientHeight } = map.getContainer()
  return { width: clientWidth, height: clientHeight }
}

interface Paint {
  readonly gl: WebGL2RenderingContext
  readonly lines: LinePainter
  readonly rings: EllipsePainter
  readonly flown: Lines
  readonly ahead: Lines
  readonly launches: Ellipses
  readonly impacts: Ellipses
  readonly observed: Ellipses
  readonly marks: Marks
  readonly looks: WebGLTexture
}

export class FlightLayer implements CustomLayerInterface {
  readonly id = 'flights'
  readonly type = 'custom'
  readonly renderingMode = '3d'
  readonly #own: string
  readonly #sprites: Sprites
  readonly #slots = new Map<string, number>()
  readonly #free: number[] = []
  #values = new Float32Array(0)
  #size = 0
  /** Whether some are critical, and some are not. */
  #levels: ReadonlySet<boolean> = new Set()
  /** Something was written that the card has not been told. */
  #isNew = false
  #paint: Paint | null = null
  #map: MapLibreMap | null = null
  #screen: Screen = { width: 0, height: 0 }

  constructor(own: string, sprites: Sprites) {
    this.#own = own
    this.#sprites = sprites
  }

  onAdd(map: MapLibreMap, gl: WebGL2RenderingContext) {
    this.#map = map
    this.#screen = sizeOf(map)
    map.on('resize', () => (this.#screen = sizeOf(map)))
    const isOurs = ({ areas }: Around) => areas?.some(({ member }) => member === this.#own) ?? false
    const looks = gl.createTexture()
    gl.bindTexture(gl.TEXTURE_2D, looks)
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST)
    this.#paint = {
      gl,
      lines: new LinePainter(gl),
      rings: new EllipsePainter(gl),
      flown: new Lines(gl, false),
      ahead: new Lines(gl, true),
      launches: new Ellipses(gl, () => false),
      impacts: new Ellipses(gl, isOurs),
      observed: new Ellipses(gl, isOurs),
      marks: new Marks(gl, this.#sprites),
      looks,
    }
  }

  onRemove() {
    const paint = this.#paint
    if (!paint) return
    for (const one of [paint.flown, paint.ahead, paint.launches, paint.impacts, paint.observed, paint.marks]) one.remove()
    paint.gl.deleteTexture(paint.looks)
    this.#paint = null
  }

  /** What to draw, the most urgent last. Only what differs from before is written anew. */
  show(drawn: readonly Drawn[], sensors: readonly SensorSite[]) {
    const paint = this.#paint
    if (!paint) return
    this.#place(drawn, paint)
    for (const one of drawn) this.#write(one, paint)
    this.#levels = new Set(drawn.map(({ critical }) => critical))
    this.#mark(drawn, sensors.filter(({ alt_m }) => alt_m < SPACE_M), paint)
    this.#isNew = true
    this.#map?.triggerRepaint()
  }

  render(gl: WebGL2RenderingContext, { defaultProjectionData }: CustomRenderMethodInput) {
    const [paint, map] = [this.#paint, this.#map]
    if (!paint || !map) return
    const { width, height } = this.#screen
    const { lng, lat } = map.getCenter()
    const camera = { lon_deg: lng, lat_deg: lat, zoom: map.getZoom(), pitch_deg: map.getPitch(), bearing_deg: map.getBearing() }
    const { mainMatrix, clippingPlane } = defaultProjectionData
    const sight: Sight = {
      matrix: mainMatrix as Float32List,
      horizon: clippingPlane,
      eye: eye(camera, { width, height }),
      width,
      height,
      zoom: camera.zoom,
      radius_px: radius_px(camera),
    }
    // However many pictures came since the last frame, the card is told once.
    if (this.#isNew) this.#upload(paint)
    this.#isNew = false
    gl.activeTexture(gl.TEXTURE0)
    gl.bindTexture(gl.TEXTURE_2D, paint.looks)
    gl.disable(gl.CULL_FACE)
    gl.depthMask(false)
    // What lies on the ground is held back by the horizon, what is above it by the Earth.
    gl.disable(gl.DEPTH_TEST)
    paint.lines.draw(sight, paint.flown, FLOWN_COUNT, SHADOW)
    paint.rings.draw(sight, paint.impacts, IMPACT)
    paint.rings.draw(sight, paint.observed, OBSERVED)
    paint.rings.draw(sight, paint.launches, LAUNCH)
    gl.enable(gl.DEPTH_TEST)
    paint.marks.drawStems(sight)
    paint.lines.draw(sight, paint.flown, FLOWN_COUNT, GLOW)
    paint.lines.draw(sight, paint.flown, FLOWN_COUNT, FLOWN)
    for (const stroke of [HARMLESS, CRITICAL]) {
      if (this.#levels.has(stroke.critical)) paint.lines.draw(sight, paint.ahead, AHEAD_COUNT, stroke)
    }
    gl.disable(gl.DEPTH_TEST)
    paint.marks.drawSymbols(sight)
    gl.bindVertexArray(null)
  }

  /** A slot for each, and room for its points. */
  #place(drawn: readonly Drawn[], { flown, ahead, launches, impacts, observed }: Paint) {
    const isKnown = drawn.length === this.#slots.size && drawn.every(({ track }) => this.#slots.has(track.number))
    if (!isKnown) this.#move(drawn, [launches, impacts, observed])
    if (this.#slots.size > this.#size) {
      this.#size = Math.max(FEWEST, 2 * this.#size, this.#slots.size)
      const values = new Float32Array(this.#size * LOOK)
      values.set(this.#values)
      this.#values = values
      for (const kind of [flown, ahead, launches, impacts, observed]) kind.fit(this.#size)
    }
  }

  /** Slots of what is gone become free, and what came takes one. */
  #move(drawn: readonly Drawn[], kinds: readonly Ellipses[]) {
    const gone = new Set(this.#slots.keys())
    for (const { track } of drawn) gone.delete(track.number)
    for (const number of gone) {
      const slot = this.#slots.get(number) ?? 0
      this.#slots.delete(number)
      this.#free.push(slot)
      this.#values.fill(0, slot * LOOK, (slot + 1) * LOOK)
      for (const kind of kinds) kind.write(slot, null)
    }
    for (const { track } of drawn) {
      if (!this.#slots.has(track.number)) this.#slots.set(track.number, this.#free.pop() ?? this.#slots.size)
    }
  }

  #write({ track, fade, selected, critical }: Drawn, { flown, ahead, launches, impacts, observed }: Paint) {
    const slot = this.#slots.get(track.number) ?? 0
    const at = slot * LOOK
    flown.write(slot, track.trail)
    const moved = ahead.write(slot, track.path, track.position)
    this.#values[at] = fade
    this.#values[at + 1] = Number(selected)
    this.#values[at + 2] = Number(critical)
    this.#values[at + 4 + FLOWN_COUNT] = flown.count(slot)
    this.#values[at + 4 + AHEAD_COUNT] = ahead.count(slot)
    if (moved) this.#values[at + 4 + AHEAD_M] = ahead.length_m(slot)
    launches.write(slot, track.launch)
    impacts.write(slot, track.impact)
    observed.write(slot, track.observed)
  }

  #mark(drawn: readonly Drawn[], sites: readonly SensorSite[], { marks }: Paint) {
    marks.fit(sites.length + drawn.length)
    sites.forEach(({ lon_deg, lat_deg }, n) => marks.write(n, { lon_deg, lat_deg, alt_m: 0 }, 'radar', 18, 1, 0))
    drawn.forEach(({ track, symbol, fade, selected }, n) => {
      // What has come down bears the mark of its impact instead.
      const opacity = track.observed || !symbol ? 0 : Math.max(fade, 0.6)
      marks.write(sites.length + n, track.position, 'missile', selected ? 30 : 24, opacity, 0.28 * fade)
    })
  }

  #upload({ gl, flown, ahead, launches, impacts, observed, marks, looks }: Paint) {
    for (const store of [flown, ahead, launches, impacts, observed, marks]) store.upload()
    gl.activeTexture(gl.TEXTURE0)
    gl.bindTexture(gl.TEXTURE_2D, looks)
    for (const unpack of [gl.UNPACK_FLIP_Y_WEBGL, gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL]) gl.pixelStorei(unpack, false)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, LOOK / 4, this.#size, 0, gl.RGBA, gl.FLOAT, this.#values)
  }
}
