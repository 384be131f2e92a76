/** Where in the text of a plan a part stands that the node names. The node reads the plan; this only looks for the name. */

const HEADERS: Readonly<Record<string, RegExp>> = {
  inject: /^\[\[(injects|answers)\]\]/,
  cell: /^\[\[cells\]\]/,
  objective: /^\[\[objectives\]\]/,
  'expected action': /^\[\[injects\.expects\]\]/,
}
const ABOUT = /^(inject|cell|objective|expected action) (\S+)/
const FIELD = /^(\w+)\[(\d+)\](?:\.(\w+))?(?:\[(\d+)\])?/
const AT_LINE = /\bline (\d+)/

/** The line (from 1) on which the part `about`, such as `inject launch`, begins; null when it is not found. */
export function lineOf(text: string, about: string): number | null {
  const [, kind, name] = ABOUT.exec(about) ?? []
  const member = /^member (\S+)/.exec(about)?.[1]
  if (member) return firstLine(text.split('\n'), (line) => /^\s*member\s*=/.test(line) && line.includes(`"${member}"`))
  if (!kind || !name) return null
  const lines = text.split('\n')
  const named = (line: string) => /\bid\s*=/.test(line) && (line.includes(`"${name}"`) || line.includes(`'${name}'`))
  let within = false
  for (const [n, line] of lines.entries()) {
    if (line.startsWith('[')) within = HEADERS[kind]?.test(line) ?? false
    if (within && named(line)) return n + 1
  }
  return firstLine(lines, named)
}

/** The line of what kept the plan from being read: the node says the line, or the field, such as `injects[3].at_s`. */
export function lineOfRefusal(text: string, facts: Readonly<Record<string, string>>): number | null {
  const said = AT_LINE.exec(facts['why'] ?? '')?.[1]
  if (said) return Number(said)
  const [, table, index, field] = FIELD.exec(facts['field'] ?? '') ?? []
  const lines = text.split('\n')
  if (!table) return firstLine(lines, (line) => new RegExp(`^\\s*${facts['field']?.replace(/\W/g, '') || '\\d'}\\s*=`).test(line))
  const begins = lines.flatMap((line, n) => (line.startsWith(`[[${table}]]`) ? [n] : []))[Number(index)]
  if (begins === undefined) return null
  const rest = lines.slice(begins + 1)
  const end = rest.findIndex((line) => line.startsWith('['))
  const found = field ? firstLine(rest.slice(0, end < 0 ? rest.length : end), (line) => new RegExp(`^\\s*${field}\\s*=`).test(line)) : null
  return begins + 1 + (found ?? 0)
}

function firstLine(lines: readonly string[], is: (line: string) => boolean): number | null {
  const n = lines.findIndex(is)
  return n < 0 ? null : n + 1
}
