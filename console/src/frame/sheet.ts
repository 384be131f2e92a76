import type { Received } from '../hotline/board.ts'
import type { Basis } from '../panels.ts'

/** The one sheet that lies on the page. */
export type Sheet =
  | { readonly is: 'watch' | 'issue' | 'lines' | 'help' | 'account' | 'observe' | 'real-world' }
  | { readonly is: 'halted'; readonly exercise: string }
  | { readonly is: 'proposal'; readonly id: string }
  | { readonly is: 'acknowledge'; readonly message: Received }
  | { readonly is: 'consult'; readonly basis: Basis }

/** How a sheet is called in the address. */
export function nameOf(sheet: Sheet): string {
  switch (sheet.is) {
    case 'proposal':
      return `proposal:${sheet.id}`
    case 'halted':
      return `halted:${sheet.exercise}`
    case 'acknowledge':
      return `acknowledge:${sheet.message.message}`
    case 'consult': {
      const { records = [], items = [] } = sheet.basis
      return `consult:${new URLSearchParams([...records.map((one) => ['r', one]), ...items.map((one) => ['i', one])])}`
    }
    default:
      return sheet.is
  }
}

/** The sheet of that name; null when it is of a message that is not at hand. */
export function sheetOf(name: string, messages: readonly Received[]): Sheet | null {
  const colon = name.indexOf(':')
  const [is, of] = colon < 0 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)]
  switch (is) {
    case 'watch':
    case 'issue':
    case 'lines':
    case 'help':
    case 'account':
    case 'observe':
    case 'real-world':
      return { is }
    case 'halted':
      return { is, exercise: of }
    case 'proposal':
      return { is, id: of }
    case 'acknowledge': {
      const message = messages.find((one) => one.message === of)
      return message ? { is, message } : null
    }
    case 'consult': {
      const parts = new URLSearchParams(of)
      return { is, basis: { records: parts.getAll('r'), items: parts.getAll('i') } }
    }
    default:
      return null
  }
}
