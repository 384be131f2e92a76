import ms from 'milsymbol'
import type { Plugin } from 'vite'

/** MIL-STD-2525E codes we draw, by our own name. Digit 3 is the context: 0 reality, 2 simulation. */
const CODES = {
  missile: '13010600001100000100',
  radar: '13031500002203000300',
}
const CONTEXTS = { live: '0', exercise: '2' }
const MODULE = 'virtual:symbols'

/** Draws our few symbols while building, so that the page carries no symbol library. */
export function symbols(): Plugin {
  return {
    name: 'laurel-symbols',
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    load: (id) => (id === `\0${MODULE}` ? `export default ${JSON.stringify(drawn())}` : undefined),
  }
}

function drawn() {
  const entries = Object.entries(CODES).flatMap(([name, code]) =>
    Object.entries(CONTEXTS).map(([context, digit]) => {
      const outlineColor = context === 'live' ? '#0b1016' : '#cbb2ff'
      const symbol = new ms.Symbol(code.slice(0, 2) + digit + code.slice(3), {
        size: 40,
        outlineWidth: 4,
        outlineColor,
      })
      if (!symbol.isValid()) throw new Error(`${code} is not a symbol of MIL-STD-2525E`)
      const { x, y } = symbol.getAnchor()
      const { width, height } = symbol.getSize()
      return [`${name}-${context}`, { svg: symbol.asSVG(), width, height, x, y }] as const
    }),
  )
  return Object.fromEntries(entries)
}
