/** Lines through the points of flights: where they were seen, and where they are predicted to go. */
import { type Line, POINT } from '../picture.ts'
import { LINE_GLSL, Program, type Sight, Store, rgb, writePlace } from './brush.ts'
import type { Place3 } from './camera.ts'
import { EARTH_M } from './sphere.ts'
import { COLOURS } from './style.ts'

const STEP = 8
const NOTHING: Line = new Float64Array(0)
const DASH_PX = 13
const MOST_DASHES = 240
/** Of a dash and the gap after it. */
const DASHED = 0.58

const pointsOf = (line: Line) => line.length / POINT
const ceiling = (points: number) => Math.ceil(points / STEP) * STEP

/** The points of one line of every flight: slot by slot, each with room for as many points as the longest has. */
export class Lines {
  readonly #store: Store
  /** A line that grows at its front is kept from its end, so that what stays keeps its place. */
  readonly #backward: boolean
  /** Room for a point before the first, and two behind the last. */
  #values = new Float32Array(9)
  #held: Line[] = []
  /** Where lines end after their points, if they do. */
  #ends: (Place3 | null)[] = []
  stride = STEP

  constructor(gl: WebGL2RenderingContext, backward: boolean) {
    this.#store = new Store(gl)
    this.#backward = backward
  }

  get slots(): number {
    return this.#held.length
  }

  get buffer(): WebGLBuffer {
    return this.#store.buffer
  }

  count(slot: number): number {
    return pointsOf(this.#held[slot] ?? NOTHING) + Number((this.#ends[slot] ?? null) !== null)
  }

  /** Room for so many flights. */
  fit(slots: number) {
    if (slots !== this.slots) this.#lay(slots, this.#held)
  }

  /** Room for the longest of these lines, and they in it. */
  #lay(slots: number, lines: readonly Line[]) {
    // With its end, and a point that is drawn twice.
    this.stride = ceiling(Math.max(0, ...lines.map(pointsOf)) + 2)
    this.#held = Array.from({ length: slots }, () => NOTHING)
    this.#values = new Float32Array((slots * this.stride + 3) * 3)
    lines.slice(0, slots).forEach((points, slot) => this.write(slot, points, this.#ends[slot]))
  }

  /** True when more than its `end` moved, the place where it grows: then its length is another. */
  write(slot: number, points: Line, end: Place3 | null = null): boolean {
    const moved = this.#writePoints(slot, points)
    this.#ends[slot] = points.length > 0 ? end : null
    if (!end || points.length === 0) return moved
    const at = (slot * this.stride + 1 + pointsOf(points)) * 3
    writePlace(this.#values, at, end.lon_deg, end.lat_deg, end.alt_m)
    this.#store.touch(at, at + 3)
    return moved
  }

  #writePoints(slot: number, points: Line): boolean {
    const old = this.#held[slot] ?? NOTHING
    if (old === points) return false
    if (pointsOf(points) + 2 > this.stride) {
      this.#lay(this.slots, this.#held.with(slot, points))
      return true
    }
    this.#held[slot] = points
    const [count, before] = [pointsOf(points), pointsOf(old)]
    let kept = 0
    while (kept < count && kept < before && isSame(points, this.#at(points, kept), old, this.#at(old, kept))) kept++
    const begin = (slot * this.stride + 1) * 3
    for (let n = kept; n < count; n++) {
      const at = this.#at(points, n)
      writePlace(this.#values, begin + n * 3, points[at] ?? 0, points[at + 1] ?? 0, points[at + 2] ?? 0)
    }
    if (kept < count) this.#store.touch(begin + kept * 3, begin + count * 3)
    return before !== count || kept < count
  }

  /** Where the `nth` begins, from the fixed end to where it grows. */
  #at(points: Line, nth: number): number {
    return this.#backward ? points.length - (nth + 1) * POINT : nth * POINT
  }

  /** Length of one line in metres. */
  length_m(slot: number): number {
    const values = this.#values
    const begin = (slot * this.stride + 1) * 3
    let sum = 0
    for (let at = begin + 3; at < begin + this.count(slot) * 3; at += 3) {
      const x = (values[at] ?? 0) - (values[at - 3] ?? 0)
      const y = (values[at + 1] ?? 0) - (values[at - 2] ?? 0)
      const z = (values[at + 2] ?? 0) - (values[at - 1] ?? 0)
      sum += Math.sqrt(x * x + y * y + z * z)
    }
    return sum * EARTH_M
  }

  upload() {
    this.#store.upload(this.#values)
  }

  remove() {
    this.#store.remove()
  }
}

/** Whether a point of one line is the point of another. */
function isSame(one: Line, at: number, other: Line, there: number): boolean {
  for (let n = 0; n < POINT; n++) if (one[at + n] !== other[there + n]) return false
  return true
}

/** How a line is drawn. Colours of each flight come from `looks`. */
export interface Stroke {
  readonly colour: string
  readonly width: number
  /** In place of `width`, for the chosen flight. */
  readonly chosen: number
  readonly opacity: number
  readonly opacityChosen: number
  /** Soft edges, in pixels. */
  readonly blur: number
  readonly round: boolean
  readonly dashed: boolean
  /** On the ground below. */
  readonly shadow: boolean
  /** Only flights that are critical, or only those that are not. */
  readonly critical?: boolean
}

const VERTEX = `
uniform mat4 matrix;
uniform vec2 screen;
uniform vec4 horizon;
uniform sampler2D looks;
uniform int stride;
uniform int counted;
uniform int only;
uniform vec2 widths;
uniform vec2 opacities;
uniform float soft;
uniform bool caps;
uniform bool shadow;
uniform float dash;
in vec3 before;
in vec3 from;
in vec3 to;
in vec3 after;
out float across;
out float along_px;
out float long_px;
out float half_px;
out float alpha;
out float share;
out float above;
${LINE_GLSL}
vec4 place(vec3 at) { return matrix * vec4(shadow ? normalize(at) : at, 1.0); }
void main() {
  gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  int slot = gl_InstanceID / stride;
  int n = gl_InstanceID % stride;
  vec4 look = texelFetch(looks, ivec2(0, slot), 0);
  vec4 line = texelFetch(looks, ivec2(1, slot), 0);
  int count = int(line[counted]);
  if (n + 1 >= count || (only >= 0 && only != int(look.z))) return;
  vec4 a = place(from);
  vec4 b = place(to);
  const float NEAR = 1e-3;
  if (a.w < NEAR && b.w < NEAR) return;
  if (a.w < NEAR) a = mix(b, a, (b.w - NEAR) / (b.w - a.w));
  if (b.w < NEAR) b = mix(a, b, (a.w - NEAR) / (a.w - b.w));
  vec2 pa = onScreen(a);
  vec2 pb = onScreen(b);
  vec2 way = heading(pa, pb);
  bool end = gl_VertexID >= 2;
  float side = (gl_VertexID & 1) == 0 ? -1.0 : 1.0;
  bool first = n == 0;
  bool last = n + 2 == count;
  vec2 normal = normalOf(way);
  if (!end && !first) {
    vec4 c = place(before);
    if (c.w > NEAR) normal = mitre(heading(onScreen(c), pa), way);
  }
  if (end && !last) {
    vec4 c = place(after);
    if (c.w > NEAR) normal = mitre(way, heading(pb, onScreen(c)));
  }
  half_px = (look.y > 0.5 ? widths.y : widths.x) * 0.5 + soft * 0.25;
  vec4 here = end ? b : a;
  vec2 at = (end ? pb : pa) + normal * side * half_px;
  across = side;
  long_px = length(pb - pa);
  along_px = end ? long_px : 0.0;
  if (caps && (end ? last : first)) {
    at += (end ? way : -way) * half_px;
    along_px += end ? half_px : -half_px;
  }
  alpha = (look.y > 0.5 ? opacities.y : opacities.x) * (shadow ? 1.0 : look.x);
  float dashes = clamp(round(line.z / dash), 3.0, ${MOST_DASHES}.0);
  share = (1.0 - float(n + (end ? 1 : 0)) / float(count - 1)) * dashes;
  above = shadow ? dot(horizon, vec4(normalize(end ? to : from), 1.0)) : 1.0;
  gl_Position = vec4(at * 2.0 / screen * here.w, here.z, here.w);
}`

const FRAGMENT = `
uniform vec3 colour;
uniform float soft;
uniform bool dashed;
in float across;
in float along_px;
in float long_px;
in float half_px;
in float alpha;
in float share;
in float above;
out vec4 painted;
void main() {
  float beyond = max(max(-along_px, along_px - long_px), 0.0) / half_px;
  float off = length(vec2(across, beyond));
  if (above < 0.0 || (beyond > 0.0 && off > 1.0) || (dashed && fract(share) > ${DASHED})) discard;
  float edge = soft > 0.0 ? clamp((1.0 - off) * half_px / (soft + 1.0), 0.0, 1.0) : 1.0;
  float opaque = alpha * edge;
  painted = vec4(colour * opaque, opaque);
}`

/** Draws lines, in one call for all flights. */
export class LinePainter {
  readonly #gl: WebGL2RenderingContext
  readonly #program: Program
  readonly #arrays = new Map<Lines, WebGLVertexArrayObject>()

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl
    this.#program = new Program(gl, VERTEX, FRAGMENT)
  }

  /** `counted` says where `looks` holds how many points each line has. */
  draw(sight: Sight, lines: Lines, counted: number, stroke: Stroke) {
    const [gl, program] = [this.#gl, this.#program]
    program.see(sight)
    gl.bindVertexArray(this.#arrayOf(lines))
    program.integer('looks', 0)
    program.integer('stride', lines.stride)
    program.integer('counted', counted)
    program.integer('only', stroke.critical === undefined ? -1 : Number(stroke.critical))
    program.vector('widths', stroke.width, stroke.chosen)
    program.vector('opacities', stroke.opacity, stroke.opacityChosen)
    program.float('soft', stroke.blur)
    program.integer('caps', Number(stroke.round))
    program.integer('shadow', Number(stroke.shadow))
    program.integer('dashed', Number(stroke.dashed))
    program.float('dash', dashLength(sight.zoom))
    program.vector('colour', ...rgb(stroke.colour))
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, lines.slots * lines.stride)
  }

  #arrayOf(lines: Lines): WebGLVertexArrayObject {
    const [gl, program] = [this.#gl, this.#program]
    const known = this.#arrays.get(lines)
    if (known) return known
    const array = gl.createVertexArray()
    gl.bindVertexArray(array)
    gl.bindBuffer(gl.ARRAY_BUFFER, lines.buffer)
    for (const [n, name] of ['before', 'from', 'to', 'after'].entries()) {
      const where = program.attribute(name)
      gl.enableVertexAttribArray(where)
      gl.vertexAttribPointer(where, 3, gl.FLOAT, false, 12, 12 * n)
      gl.vertexAttribDivisor(where, 1)
    }
    this.#arrays.set(lines, array)
    return array
  }
}

/** A dash and its gap on the ground in metres, at this zoom. Half a zoom step off cannot be seen. */
function dashLength(zoom: number): number {
  return (DASH_PX * 2 * Math.PI * EARTH_M) / (512 * 2 ** (Math.round(zoom * 2) / 2))
}

const PLAIN = { blur: 0, round: true, dashed: false, shadow: false } as const

export const SHADOW: Stroke = { ...PLAIN, colour: '#000000', width: 3, chosen: 3, opacity: 0.45, opacityChosen: 0.45, blur: 2, round: false, shadow: true }
export const GLOW: Stroke = { ...PLAIN, colour: COLOURS.flight, width: 9, chosen: 9, opacity: 0.1, opacityChosen: 0.2 }
export const FLOWN: Stroke = { ...PLAIN, colour: COLOURS.flight, width: 2.5, chosen: 3.25, opacity: 0.95, opacityChosen: 0.95 }
const PREDICTED: Stroke = { ...PLAIN, colour: COLOURS.flight, width: 2, chosen: 2.5, opacity: 0.85, opacityChosen: 0.85, round: false, dashed: true }
export const HARMLESS = { ...PREDICTED, critical: false }
export const CRITICAL = { ...PREDICTED, colour: COLOURS.critical, critical: true }
