/** The few words of WebGL that everything drawn over the map needs. */
import { EARTH_M } from './sphere.ts'

/** What every drawing is told of the view. */
export interface Sight {
  /** Column-major: from a sphere of radius 1 (x to 90° E, y to the north pole, z to 0° E) to the screen. */
  readonly matrix: Float32List
  /** Whoever is below this plane stands behind the horizon, if on the ground. */
  readonly horizon: readonly [number, number, number, number]
  /** Where the camera stands, on the same sphere. */
  readonly eye: readonly [number, number, number]
  /** Pixels of the page. */
  readonly width: number
  readonly height: number
  readonly zoom: number
  /** Of the Earth, at the middle of the view. */
  readonly radius_px: number
}

const DEG = Math.PI / 180

/** Writes where a place is on the sphere of radius 1, height included. */
export function writePlace(into: Float32Array, at: number, lon_deg: number, lat_deg: number, alt_m: number) {
  const lon = lon_deg * DEG
  const lat = lat_deg * DEG
  const reach = 1 + alt_m / EARTH_M
  const flat = Math.cos(lat) * reach
  into[at] = Math.sin(lon) * flat
  into[at + 1] = Math.sin(lat) * reach
  into[at + 2] = Math.cos(lon) * flat
}

/** What the shaders share: a quad of two points of a line, `across` the line in half widths. */
export const LINE_GLSL = `
vec2 onScreen(vec4 clip) { return clip.xy / clip.w * screen * 0.5; }
vec2 normalOf(vec2 along) { return vec2(-along.y, along.x); }
vec2 heading(vec2 from, vec2 to) {
  vec2 way = to - from;
  float far = length(way);
  return far > 1e-4 ? way / far : vec2(0.0);
}
/** The normal where two pieces meet, so long that both keep their width. */
vec2 mitre(vec2 before, vec2 after) {
  vec2 normal = normalOf(after);
  vec2 middle = normal + normalOf(before);
  float size = length(middle);
  if (size < 0.5) return normal;
  middle /= size;
  return middle / max(dot(middle, normal), 0.5);
}
`

/** Compiles, links, and knows where its uniforms are. */
export class Program {
  readonly #gl: WebGL2RenderingContext
  readonly #program: WebGLProgram
  readonly #uniforms = new Map<string, WebGLUniformLocation | null>()

  /** Throws what the compiler says. */
  constructor(gl: WebGL2RenderingContext, vertex: string, fragment: string) {
    this.#gl = gl
    this.#program = gl.createProgram()
    const head = '#version 300 es\nprecision highp float;\nprecision highp int;\nprecision highp sampler2D;\n'
    for (const [type, source] of [
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const shader = gl.createShader(type)
      if (!shader) throw new Error('no shader')
      gl.shaderSource(shader, head + source)
      gl.compileShader(shader)
      gl.attachShader(this.#program, shader)
      gl.deleteShader(shader)
    }
    gl.linkProgram(this.#program)
    if (!gl.getProgramParameter(this.#program, gl.LINK_STATUS) && !gl.isContextLost()) {
      const said = (gl.getAttachedShaders(this.#program) ?? []).map((shader) => gl.getShaderInfoLog(shader))
      throw new Error([gl.getProgramInfoLog(this.#program), ...said].join('\n'))
    }
  }

  use() {
    this.#gl.useProgram(this.#program)
  }

  attribute(name: string): number {
    return this.#gl.getAttribLocation(this.#program, name)
  }

  uniform(name: string): WebGLUniformLocation | null {
    let found = this.#uniforms.get(name)
    if (found === undefined) this.#uniforms.set(name, (found = this.#gl.getUniformLocation(this.#program, name)))
    return found
  }

  float(name: string, value: number) {
    this.#gl.uniform1f(this.uniform(name), value)
  }

  integer(name: string, value: number) {
    this.#gl.uniform1i(this.uniform(name), value)
  }

  vector(name: string, ...[x, y, z, w]: number[]) {
    const where = this.uniform(name)
    if (w !== undefined) this.#gl.uniform4f(where, x ?? 0, y ?? 0, z ?? 0, w)
    else if (z !== undefined) this.#gl.uniform3f(where, x ?? 0, y ?? 0, z)
    else this.#gl.uniform2f(where, x ?? 0, y ?? 0)
  }

  /** The view, to a program that declares what it needs of it. */
  see({ matrix, horizon, eye, width, height }: Sight) {
    this.use()
    this.#gl.uniformMatrix4fv(this.uniform('matrix'), false, matrix)
    if (this.uniform('screen')) this.vector('screen', width, height)
    if (this.uniform('horizon')) this.vector('horizon', ...horizon)
    if (this.uniform('eye')) this.vector('eye', ...eye)
  }
}

/** `#rrggbb` as numbers from 0 to 1. */
export function rgb(hex: string): [number, number, number] {
  const channel = (from: number) => Number.parseInt(hex.slice(from, from + 2), 16) / 255
  return [channel(1), channel(3), channel(5)]
}

/** Numbers that live with the graphics card. Only what changed goes there. */
export class Store {
  readonly buffer: WebGLBuffer
  readonly #gl: WebGL2RenderingContext
  #held = 0
  #from = Infinity
  #to = 0

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl
    this.buffer = gl.createBuffer()
  }

  /** These have changed since the last upload. */
  touch(from: number, to: number) {
    this.#from = Math.min(this.#from, from)
    this.#to = Math.max(this.#to, to)
  }

  upload(values: Float32Array) {
    const gl = this.#gl
    if (this.#to === 0 && this.#held === values.length) return
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer)
    if (this.#held !== values.length) gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW)
    else gl.bufferSubData(gl.ARRAY_BUFFER, this.#from * 4, values, this.#from, this.#to - this.#from)
    this.#held = values.length
    this.#from = Infinity
    this.#to = 0
  }

  remove() {
    this.#gl.deleteBuffer(this.buffer)
  }
}
