/** Error ellipses on the ground: drawn from their half axes by the graphics card. */
import type { Ellipse } from '../picture.ts'
import { Program, type Sight, Store, rgb, writePlace } from './brush.ts'
import { EARTH_M } from './sphere.ts'
import { COLOURS } from './style.ts'

/** Centre (3), half axes in radians (2), azimuth in radians, critical. */
const FLOATS = 7
const DEG = Math.PI / 180
/** So many that none of them is large. */
const MANY = 400

export interface Around {
  readonly lon_deg: number
  readonly lat_deg: number
  readonly ellipse50: Ellipse
  readonly ellipse90: Ellipse
  readonly areas?: readonly { readonly member: string }[]
}

/** One kind of ellipse of every flight: of 50 % and of 90 %, slot by slot. */
export class Ellipses {
  readonly #store: Store
  readonly #isCritical: (around: Around) => boolean
  #values = new Float32Array(0)
  #held: (Around | null)[] = []
  #count = 0

  constructor(gl: WebGL2RenderingContext, isCritical: (around: Around) => boolean) {
    this.#store = new Store(gl)
    this.#isCritical = isCritical
  }

  get buffer(): WebGLBuffer {
    return this.#store.buffer
  }

  get slots(): number {
    return this.#held.length
  }

  /** How many there are. */
  get count(): number {
    return this.#count
  }

  fit(slots: number) {
    if (slots === this.slots) return
    const held = this.#held
    this.#held = Array.from({ length: slots }, () => null)
    this.#values = new Float32Array(slots * 2 * FLOATS)
    this.#count = 0
    held.forEach((around, slot) => this.write(slot, around))
  }

  write(slot: number, around: Around | null) {
    const old = this.#held[slot] ?? null
    if (old === around) return
    this.#count += Number(around !== null) - Number(old !== null)
    this.#held[slot] = around
    const begin = slot * 2 * FLOATS
    for (let n = 0; n < 2; n++) {
      const at = begin + n * FLOATS
      const ellipse = n === 0 ? around?.ellipse50 : around?.ellipse90
      if (around) writePlace(this.#values, at, around.lon_deg, around.lat_deg, 0)
      this.#values[at + 3] = (ellipse?.semi_major_m ?? 0) / EARTH_M
      this.#values[at + 4] = (ellipse?.semi_minor_m ?? 0) / EARTH_M
      this.#values[at + 5] = (ellipse?.azimuth_deg ?? 0) * DEG
      this.#values[at + 6] = Number(around !== null && this.#isCritical(around))
    }
    this.#store.touch(begin, begin + 2 * FLOATS)
  }

  upload() {
    this.#store.upload(this.#values)
  }

  remove() {
    this.#store.remove()
  }
}

export interface Ring {
  readonly colour: string
  readonly filled: number
  readonly dashed: boolean
}

const SHARED = `
uniform mat4 matrix;
uniform vec4 horizon;
uniform sampler2D looks;
uniform vec3 plain;
uniform vec3 critical;
uniform int steps;
in vec3 centre;
in vec2 axes;
in vec2 turned;
out vec3 colour;
out float alpha;
out float above;
/** Where the ring is at this turn of its own, so far out of it. */
vec3 ring(float turn, float out_of) {
  vec2 at = axes * vec2(cos(turn), sin(turn)) + out_of * normalize(axes.yx * vec2(cos(turn), sin(turn)));
  float reach = length(at);
  float bearing = turned.x + atan(at.y, at.x);
  vec3 east = normalize(cross(vec3(0.0, 1.0, 0.0), centre));
  vec3 north = cross(centre, east);
  return centre * cos(reach) + (north * cos(bearing) + east * sin(bearing)) * sin(reach);
}
float stale() { return texelFetch(looks, ivec2(0, gl_InstanceID / 2), 0).x; }
`

const FILL = `
${SHARED}
uniform float filled;
void main() {
  gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  if (axes.x <= 0.0) return;
  vec3 at = gl_VertexID == 0 ? centre : ring(float(gl_VertexID - 1) * 6.2831853 / float(steps), 0.0);
  colour = turned.y > 0.5 ? critical : plain;
  alpha = filled * stale();
  above = dot(horizon, vec4(at, 1.0));
  gl_Position = matrix * vec4(at, 1.0);
}`

const EDGE = `
${SHARED}
uniform float pixels;
out float along_px;
out float width_px;
/** Length of the ring from turn 0, within its first quarter (Gauss, four points). */
float quarter(float to) {
  float half_to = to * 0.5;
  float sum = 0.0;
  const vec4 AT = vec4(-0.8611363, -0.3399810, 0.3399810, 0.8611363);
  const vec4 WEIGHT = vec4(0.3478548, 0.6521452, 0.6521452, 0.3478548);
  for (int n = 0; n < 4; n++) {
    float turn = half_to * (1.0 + AT[n]);
    sum += WEIGHT[n] * length(axes * vec2(sin(turn), cos(turn)));
  }
  return sum * half_to;
}
float lengthTo(float turn) {
  const float QUARTER = 1.5707963;
  float whole = floor(turn / QUARTER + 1e-4);
  float rest = turn - whole * QUARTER;
  float all = quarter(QUARTER);
  return whole * all + (mod(whole, 2.0) < 0.5 ? quarter(rest) : all - quarter(QUARTER - rest));
}
void main() {
  gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  if (axes.x <= 0.0) return;
  float turn = float(gl_VertexID / 2) * 6.2831853 / float(steps);
  width_px = (gl_InstanceID & 1) == 0 ? 1.0 : 1.5;
  // It lies on the ground, and is narrower where that is farther away.
  vec3 at = ring(turn, width_px / pixels * ((gl_VertexID & 1) == 0 ? -0.5 : 0.5));
  colour = turned.y > 0.5 ? critical : plain;
  alpha = stale();
  along_px = lengthTo(turn) * pixels;
  above = dot(horizon, vec4(at, 1.0));
  gl_Position = matrix * vec4(at, 1.0);
}`

const FILLED = `
in vec3 colour;
in float alpha;
in float above;
out vec4 painted;
void main() {
  if (above < 0.0) discard;
  painted = vec4(colour * alpha, alpha);
}`

const EDGED = `
uniform bool dashed;
in vec3 colour;
in float alpha;
in float above;
in float along_px;
in float width_px;
out vec4 painted;
void main() {
  if (above < 0.0 || (dashed && fract(along_px / (5.0 * width_px)) > 0.6)) discard;
  painted = vec4(colour * alpha, alpha);
}`

export const IMPACT: Ring = { colour: COLOURS.flight, filled: 0.12, dashed: true }
export const OBSERVED: Ring = { colour: COLOURS.flight, filled: 0.12, dashed: false }
export const LAUNCH: Ring = { colour: COLOURS.launch, filled: 0.08, dashed: false }

/** Draws all ellipses of one kind in two calls. */
export class EllipsePainter {
  readonly #gl: WebGL2RenderingContext
  readonly #fill: Program
  readonly #edge: Program
  readonly #arrays = new Map<Ellipses, readonly [WebGLVertexArrayObject, WebGLVertexArrayObject]>()

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl
    this.#fill = new Program(gl, FILL, FILLED)
    this.#edge = new Program(gl, EDGE, EDGED)
  }

  draw(sight: Sight, ellipses: Ellipses, { colour, filled, dashed }: Ring) {
    if (ellipses.count === 0) return
    const gl = this.#gl
    const steps = ellipses.count > MANY ? 24 : 72
    const [fill, edge] = this.#arraysOf(ellipses)
    for (const program of [this.#fill, this.#edge]) {
      program.see(sight)
      program.integer('looks', 0)
      program.integer('steps', steps)
      program.vector('plain', ...rgb(colour))
      program.vector('critical', ...rgb(COLOURS.critical))
    }
    this.#fill.use()
    this.#fill.float('filled', filled)
    gl.bindVertexArray(fill)
    gl.drawArraysInstanced(gl.TRIANGLE_FAN, 0, steps + 2, ellipses.slots * 2)
    this.#edge.use()
    this.#edge.float('pixels', sight.radius_px)
    this.#edge.integer('dashed', Number(dashed))
    gl.bindVertexArray(edge)
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 2 * (steps + 1), ellipses.slots * 2)
  }

  #arraysOf(ellipses: Ellipses): readonly [WebGLVertexArrayObject, WebGLVertexArrayObject] {
    const known = this.#arrays.get(ellipses)
    if (known) return known
    const made = [this.#arrayOf(this.#fill, ellipses), this.#arrayOf(this.#edge, ellipses)] as const
    this.#arrays.set(ellipses, made)
    return made
  }

  #arrayOf(program: Program, ellipses: Ellipses): WebGLVertexArrayObject {
    const gl = this.#gl
    const array = gl.createVertexArray()
    gl.bindVertexArray(array)
    gl.bindBuffer(gl.ARRAY_BUFFER, ellipses.buffer)
    for (const [name, size, offset] of [
      ['centre', 3, 0],
      ['axes', 2, 3],
      ['turned', 2, 5],
    ] as const) {
      const where = program.attribute(name)
      gl.enableVertexAttribArray(where)
      gl.vertexAttribPointer(where, size, gl.FLOAT, false, FLOATS * 4, offset * 4)
      gl.vertexAttribDivisor(where, 1)
    }
    return array
  }
}
