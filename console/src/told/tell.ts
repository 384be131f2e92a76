/** Recognises the sentences of the node, and says them in another language. */

/** Sentences in English with holes, and how they are said. In `{0}` stands what somebody wrote, in `<0>` another sentence. */
export type Table = Readonly<Record<string, string>>

/** All that one language has, by where it is said. */
export type Tables = Readonly<Record<string, Table>>

/** What begins with this stands in a hole of another sentence, never alone. */
const PIECE = '…'

/** Where else a sentence may be looked for: a docket cites what the picture and the rooms say,
 * and a form has fields that refusals name. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  seen: ['rooms'],
  rooms: ['seen'],
  fields: ['names'],
  'docket.warning': ['seen'],
  'docket.consult': ['rooms'],
}

/** Nothing that a node says is longer; what somebody wrote may be. */
const LONGEST = 2_000

interface Pattern {
  readonly match: RegExp
  /** How many characters are its own. */
  readonly own: number
  /** Whether each hole holds a sentence. */
  readonly holes: readonly boolean[]
  readonly said: string
  readonly piece: boolean
}

interface Known {
  readonly whole: ReadonlyMap<string, string>
  readonly pieces: ReadonlyMap<string, string>
  /** Those with holes, the most telling first. */
  readonly patterns: readonly Pattern[]
}

const NOTHING: Known = { whole: new Map(), pieces: new Map(), patterns: [] }
const read = new WeakMap<Table, Known>()

/** `words` as they are said in the language of `tables`; null when the node says no such thing. */
export function tell(tables: Tables, area: string, words: string): string | null {
  const sought = words.trim()
  if (!sought || sought.length > LONGEST) return null
  return find(tables, area, sought, false)?.said ?? byParts(tables, area, sought, /(?<=[.!?])\s+/, ' ')
}

/** What fits, and how much of it is the node's own words. */
interface Fit {
  readonly said: string
  readonly own: number
}

function find(tables: Tables, area: string, words: string, inside: boolean): Fit | null {
  for (const one of [area, ...(ALSO[area] ?? [])]) {
    const known = knownOf(tables[one])
    const exact = known.whole.get(words) ?? (inside ? known.pieces.get(words) : undefined)
    if (exact !== undefined) return { said: exact, own: words.length }
    for (const pattern of known.patterns) {
      const found = pattern.piece && !inside ? null : pattern.match.exec(words)
      if (found) return { said: filled(tables, area, pattern, found.slice(1)), own: pattern.own }
    }
  }
  return null
}

function filled(tables: Tables, area: string, pattern: Pattern, values: readonly string[]): string {
  const said = values.map((value, n) => (pattern.holes[n] ? within(tables, area, value.trim()) : value))
  return pattern.said.replace(/\{(\d+)\}/g, (_, n: string) => said[Number(n)] ?? '').replace(/ {2,}/g, ' ').trim()
}

/** What stands in a hole: a sentence, several, or what has no other words. */
function within(tables: Tables, area: string, words: string): string {
  return (
    find(tables, area, words, true)?.said ??
    byParts(tables, area, words, /(?<=[.!?])\s+/, ' ') ??
    byParts(tables, area, words, /; /, '; ') ??
    words
  )
}

/** Part by part, when there are several and each is known. */
function byParts(tables: Tables, area: string, words: string, between: RegExp, joint: string): string | null {
  const parts = words.split(between)
  if (parts.length < 2 && !words.endsWith('.')) return null
  const said = parts.map((part) => sentence(tables, area, part))
  return said.every((one) => one !== null) ? said.join(joint) : null
}

function sentence(tables: Tables, area: string, words: string): string | null {
  const whole = find(tables, area, words, true)
  // Its full stop may be its own, or follow it: as the last hole would take in either, what has more words of its own is meant.
  const open = words.endsWith('.') ? find(tables, area, words.slice(0, -1), true) : null
  if (open && open.own >= (whole?.own ?? 0)) return stopped(open.said)
  return whole?.said ?? null
}

/** With the full stop of its script. */
export function stopped(words: string): string {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}）]$/u.test(words) ? `${words}。` : `${words}.`
}

function knownOf(table: Table | undefined): Known {
  if (!table) return NOTHING
  const known = read.get(table) ?? compile(table)
  read.set(table, known)
  return known
}

function compile(table: Table): Known {
  const whole = new Map<string, string>()
  const pieces = new Map<string, string>()
  const patterns: Pattern[] = []
  for (const [key, said] of Object.entries(table)) {
    const piece = key.startsWith(PIECE)
    const words = piece ? key.slice(PIECE.length) : key
    const holes = words.match(/\{\d+\}|<\d+>/g)
    const own = words.replace(/\{\d+\}|<\d+>/g, '').length
    if (holes) patterns.push({ match: matching(words), own, holes: holes.map((hole) => hole.startsWith('<')), said, piece })
    else (piece ? pieces : whole).set(words, said)
  }
  // `Missile {0}, lost` is tried before `Missile {0}`.
  return { whole, pieces, patterns: patterns.sort((a, b) => b.own - a.own) }
}

function matching(words: string): RegExp {
  const parts = words.split(/(\{\d+\}|<\d+>)/)
  const source = parts.map((part, n) => {
    if (n % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    return part.startsWith('<') ? '(.*?)' : '(.+?)'
  })
  return new RegExp(`^${source.join('')}$`, 's')
}
