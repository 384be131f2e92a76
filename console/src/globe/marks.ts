/** Symbols that face the reader, and the stems on which flights stand. */
import { LINE_GLSL, Program, type Sight, Store, rgb, writePlace } from './brush.ts'
import type { Place3 } from './camera.ts'
import type { Sprites, SymbolName } from './sprites.ts'
import { COLOURS } from './style.ts'

/** Place (3), size in pixels, opacity, which symbol; and the opacity of its stem, if it has one. */
const FLOATS = 7
const NAMES: readonly SymbolName[] = ['radar', 'missile']

const SYMBOL = `
uniform mat4 matrix;
uniform vec2 screen;
uniform vec3 eye;
uniform vec4 cells[${NAMES.length}];
uniform vec2 anchors[${NAMES.length}];
uniform vec2 sheet;
in vec3 at;
in vec4 mark;
out vec2 texel;
out float alpha;
/** As camera.ts has it. */
bool behindEarth(vec3 point) {
  vec3 ray = point - eye;
  float a = dot(ray, ray);
  float b = dot(ray, eye);
  float c = dot(eye, eye) - 1.0;
  float root = b * b - a * c;
  return root > 0.0 && (-b - sqrt(root)) / a < 0.998;
}
void main() {
  gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  if (mark.y <= 0.0 || behindEarth(at)) return;
  vec4 here = matrix * vec4(at, 1.0);
  if (here.w <= 1e-3) return;
  int which = int(mark.z);
  vec4 cell = cells[which];
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * cell.zw;
  vec2 off = (corner - anchors[which]) * mark.x / cell.w;
  texel = (cell.xy + corner) / sheet;
  alpha = mark.y;
  gl_Position = vec4(here.xy + vec2(off.x, -off.y) * 2.0 / screen * here.w, here.z, here.w);
}`

const PRINTED = `
uniform sampler2D sprites;
in vec2 texel;
in float alpha;
out vec4 painted;
void main() { painted = texture(sprites, texel) * alpha; }`

const STEM = `
uniform mat4 matrix;
uniform vec2 screen;
in vec3 at;
in vec4 mark;
out float alpha;
${LINE_GLSL}
void main() {
  gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  vec4 foot = matrix * vec4(normalize(at), 1.0);
  vec4 head = matrix * vec4(at, 1.0);
  if (mark.w <= 0.0 || foot.w <= 1e-3 || head.w <= 1e-3) return;
  vec4 here = gl_VertexID >= 2 ? head : foot;
  vec2 off = normalOf(heading(onScreen(foot), onScreen(head))) * ((gl_VertexID & 1) == 0 ? -0.5 : 0.5);
  alpha = mark.w;
  gl_Position = vec4(here.xy + off * 2.0 / screen * here.w, here.z, here.w);
}`

const PLAIN = `
uniform vec3 colour;
in float alpha;
out vec4 painted;
void main() { painted = vec4(colour * alpha, alpha); }`

/** All symbols, in the order given: later ones stand before earlier ones. */
export class Marks {
  readonly #gl: WebGL2RenderingContext
  readonly #symbol: Program
  readonly #stem: Program
  readonly #store: Store
  readonly #texture: WebGLTexture
  readonly #arrays: readonly [WebGLVertexArrayObject, WebGLVertexArrayObject]
  readonly #sprites: Sprites
  #values = new Float32Array(0)
  #count = 0

  constructor(gl: WebGL2RenderingContext, sprites: Sprites) {
    this.#gl = gl
    this.#sprites = sprites
    this.#store = new Store(gl)
    this.#symbol = new Program(gl, SYMBOL, PRINTED)
    this.#stem = new Program(gl, STEM, PLAIN)
    this.#texture = gl.createTexture()
    gl.bindTexture(gl.TEXTURE_2D, this.#texture)
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false)
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, sprites.atlas)
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false)
    gl.generateMipmap(gl.TEXTURE_2D)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
    this.#arrays = [this.#arrayOf(this.#symbol), this.#arrayOf(this.#stem)]
  }

  /** Room for so many. */
  fit(count: number) {
    this.#count = count
    if (this.#values.length < count * FLOATS) this.#values = new Float32Array(2 * count * FLOATS)
    this.#store.touch(0, count * FLOATS)
  }

  /** The `nth`, its size in pixels; opacity 0 draws no symbol, or no stem. */
  write(nth: number, { lon_deg, lat_deg, alt_m }: Place3, symbol: SymbolName, size: number, opacity: number, stem: number) {
    const at = nth * FLOATS
    writePlace(this.#values, at, lon_deg, lat_deg, alt_m)
    this.#values[at + 3] = size
    this.#values[at + 4] = opacity
    this.#values[at + 5] = NAMES.indexOf(symbol)
    this.#values[at + 6] = stem
  }

  upload() {
    this.#store.upload(this.#values)
  }

  drawStems(sight: Sight) {
    this.#stem.see(sight)
    this.#stem.vector('colour', ...rgb(COLOURS.flight))
    this.#gl.bindVertexArray(this.#arrays[1])
    this.#gl.drawArraysInstanced(this.#gl.TRIANGLE_STRIP, 0, 4, this.#count)
  }

  drawSymbols(sight: Sight) {
    const [gl, { atlas, mapping }] = [this.#gl, this.#sprites]
    this.#symbol.see(sight)
    gl.activeTexture(gl.TEXTURE1)
    gl.bindTexture(gl.TEXTURE_2D, this.#texture)
    this.#symbol.integer('sprites', 1)
    this.#symbol.vector('sheet', atlas.width, atlas.height)
    NAMES.forEach((name, n) => {
      const cell = mapping[name]
      if (!cell) return
      this.#symbol.vector(`cells[${n}]`, cell.x, cell.y, cell.width, cell.height)
      this.#symbol.vector(`anchors[${n}]`, cell.anchorX, cell.anchorY)
    })
    gl.bindVertexArray(this.#arrays[0])
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.#count)
    gl.activeTexture(gl.TEXTURE0)
  }

  remove() {
    this.#store.remove()
    this.#gl.deleteTexture(this.#texture)
  }

  #arrayOf(program: Program): WebGLVertexArrayObject {
    const gl = this.#gl
    const array = gl.createVertexArray()
    gl.bindVertexArray(array)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#store.buffer)
    for (const [name, size, offset] of [
      ['at', 3, 0],
      ['mark', 4, 3],
    ] as const) {
      const where = program.attribute(name)
      gl.enableVertexAttribArray(where)
      gl.vertexAttribPointer(where, size, gl.FLOAT, false, FLOATS * 4, offset * 4)
      gl.vertexAttribDivisor(where, 1)
    }
    gl.bindVertexArray(null)
    return array
  }
}
