import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'vitest'

const SOURCE = new URL('../src/', import.meta.url)
const GROUNDS = ['--space', '--ground', '--panel', '--raised'] as const
const LEVELS = ['critical', 'serious', 'caution', 'normal', 'standby', 'off'] as const

/** Where red may stand, and why: each is an impact in, or a flight over, the viewer's own country. */
const RED: Readonly<Record<string, string>> = {
  'frame/Shape.svelte': 'the triangle of that level, by which all others show it',
  'globe/Labels.svelte': 'the label of an impact in our own country',
  'watch/AlertStrip.svelte': 'the strip, when it is our own country',
  'watch/EventCard.svelte': 'the impact of the event, when it is our own country',
  'watch/FlatMap.svelte': 'the track and the impact of it on the flat map',
  'watch/LaunchCard.svelte': 'the edge of the card, when it is our own country',
  'watch/LayerPanel.svelte': 'a layer that is off and holds such an alert',
  'watch/Timeline.svelte': 'an alert for our own country among the marks',
}

const css = readFileSync(new URL('app.css', SOURCE), 'utf8')
const files = (readdirSync(SOURCE, { recursive: true }) as string[])
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => /\.(svelte|ts)$/.test(name) && !name.startsWith('words/'))
const said = (name: string) => readFileSync(new URL(name, SOURCE), 'utf8')

type Colour = readonly [r: number, g: number, b: number]

const [screen, paper] = [css.slice(0, css.indexOf('@media')), css.slice(css.indexOf('@media print'))]
function token(name: string, of = screen): Colour {
  const found = new RegExp(`${name}: #([0-9a-f]{6});`).exec(of)?.[1] ?? assert.fail(name)
  return [0, 2, 4].map((at) => parseInt(found.slice(at, at + 2), 16) / 255) as unknown as Colour
}

const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
const luminance = ([r, g, b]: Colour) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)

/** WCAG 2.2, 1.4.3. */
function contrast(one: Colour, other: Colour): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

/** As an eye without green cones sees it: Machado, Oliveira and Fernandes 2009, severity 1, on linear light. */
function deuteranope(colour: Colour): Colour {
  const [r, g, b] = colour.map(linear) as unknown as Colour
  const mixed = [0.367322 * r + 0.860646 * g - 0.227968 * b, 0.280085 * r + 0.672501 * g + 0.047413 * b, -0.01182 * r + 0.04294 * g + 0.968881 * b]
  return mixed.map((value) => {
    const kept = Math.min(1, Math.max(0, value))
    return kept <= 0.0031308 ? kept * 12.92 : 1.055 * kept ** (1 / 2.4) - 0.055
  }) as unknown as Colour
}

test('red stands only where it means our own country', () => {
  const red = files.filter((name) => /var\(--critical/.test(said(name)))
  assert.deepEqual(red.filter((name) => !(name in RED)), [], 'a refusal, an error or trouble is not red: use --serious')
  assert.deepEqual(Object.keys(RED).filter((name) => !red.includes(name)), [], 'listed, and no longer red')
})

test('no colour of a status is written anywhere but among the tokens', () => {
  const own = LEVELS.map((level) => new RegExp(/--LEVEL: (#[0-9a-f]{6});/.source.replace('LEVEL', level)).exec(screen)?.[1] ?? '')
  // The globe draws outside the style sheet, and has its own list.
  const others = files.filter((name) => !name.startsWith('globe/'))
  for (const name of others) assert.deepEqual(own.filter((colour) => colour && said(name).includes(colour)), [], name)
})

test('words and statuses can be read on every ground, on paper too, by an eye without green as well', () => {
  const written = ['--text', '--text-2', '--text-3', '--critical-text', ...LEVELS.slice(1).map((level) => `--${level}`), '--exercise-text']
  for (const name of written) {
    for (const ground of GROUNDS) {
      for (const [of, seen] of [[screen, (c: Colour) => c], [screen, deuteranope], [paper, (c: Colour) => c]] as const) {
        const found = contrast(seen(token(name, of)), seen(token(ground, of)))
        assert.ok(found >= 4.5, `${name} on ${ground}: ${found.toFixed(2)}`)
      }
    }
  }
})

test('a status is known by its shape where its colour is not', () => {
  const shape = said('frame/Shape.svelte')
  const drawn = [...shape.matchAll(/<(path|circle)[^>]*>/g)].map(([whole]) => whole.replace(/ class="open"/, ''))
  assert.equal(drawn.length, LEVELS.length)
  assert.equal(new Set(drawn).size, LEVELS.length)
  for (const level of LEVELS.slice(0, -1)) assert.match(shape, new RegExp(`level === '${level}'`))
})

test('an exercise and the live world differ for an eye without green as well', () => {
  // By the stripes: the live world has no pattern, and no ground as light as they are.
  const stripe = token('--hatch', screen.replace(/--hatch: [^#]*(#[0-9a-f]{6})[^;]*;/, '--hatch: $1;'))
  const found = contrast(deuteranope(token('--live')), deuteranope(stripe))
  assert.ok(found > 1.5, found.toFixed(2))
  assert.match(said('frame/Banner.svelte'), /\.exercise \{\s+background: var\(--hatch\)/)
})
