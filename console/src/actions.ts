/** The one list of what can be done: keys, the command palette, the page of keys and every hint read it. */
import type { Desk } from './frame/desk.svelte.ts'
import type { Key, Values } from './strings.ts'

export interface Action {
  readonly id: string
  /** What it does. */
  readonly words: Key
  readonly values?: () => Values
  /** Each of them does it; the first is shown beside its button. */
  readonly keys: readonly string[]
  /** Where it can be done; null for everywhere. */
  readonly room: string | null
  /** Something is said by it: not in a replay. */
  readonly says?: true
  /** Why it cannot be done now; null when it can. */
  readonly why?: (desk: Desk) => Key | null
  readonly run: (desk: Desk) => unknown
}

const found = import.meta.glob<readonly Action[]>('./*/actions.ts', { eager: true, import: 'actions' })

/** What can be done everywhere first, then room by room. Each folder declares its own in `<folder>/actions.ts`. */
export const ACTIONS: readonly Action[] = Object.values(found)
  .flat()
  .sort((a, b) => Number(a.room !== null) - Number(b.room !== null))

/** Why it cannot be done now, anywhere; null when it can. */
export const whyNotNow = (action: Action, desk: Desk): Key | null =>
  action.says && desk.replayer.shown !== null ? 'replay.says-nothing' : (action.why?.(desk) ?? null)

export function actionNamed(id: string): Action {
  const action = ACTIONS.find((one) => one.id === id)
  if (!action) throw new Error(`no action ${id}`)
  return action
}

/** The control on the page that does it: `data-action` names the action. Where several do, the newest stands last. */
export const controlOf = (id: string) => [...document.querySelectorAll<HTMLElement>(`[data-action="${id}"]`)].at(-1)

/** An action that is a control of the page: its key presses the control, wherever that stands now. */
export function pressed(id: string, words: Key, keys: readonly string[], room: string | null): Action {
  return {
    id,
    words,
    keys,
    room,
    why: () => {
      const control = controlOf(id)
      return control && !control.matches(':disabled') ? null : 'why.not-here'
    },
    run: () => {
      const control = controlOf(id)
      control?.focus()
      control?.click()
    },
  }
}

/** What `chord` does in `room`. */
export function boundTo(chord: string, room: string): Action | undefined {
  return ACTIONS.find((one) => one.keys.includes(chord) && (one.room === null || one.room === room))
}

/** How a stroke is written in the list. Under a Korean or Japanese layout, and with Caps Lock, it is the key's own letter. */
export function chordOf({ key, code, ctrlKey, metaKey, shiftKey }: KeyboardEvent): string {
  const printed = /^[\x20-\x7e]+$/.test(key) && key !== 'Process' ? key : code.replace(/^(Key|Digit)/, '')
  const letter = printed.length === 1 && !shiftKey ? printed.toLowerCase() : printed
  return ctrlKey || metaKey ? `Ctrl+${letter}` : letter
}

const SHOWN: Readonly<Record<string, string>> = { ArrowDown: '↓', ArrowUp: '↑', Escape: 'Esc' }

/** A key as `aria-keyshortcuts` names it. */
export const spokenKey = (key: string): string => key.replace('Ctrl+', 'Control+').replace(/^\+$/, 'Plus')

/** A key as it is printed on a keyboard. */
export const shownKey = (key: string): string => SHOWN[key] ?? key.replace('Ctrl+', 'Ctrl ').replace(/ (\w)$/, (end) => end.toUpperCase())
