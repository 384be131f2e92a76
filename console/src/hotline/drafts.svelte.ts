/** What somebody is writing. It outlives a reload and a lost node, in this window alone, until it is said. */
import { newAskId } from '../ask.ts'
import type { About } from '../picture.ts'

/** A file that goes with a message. Field names: instruments/hotline/records.py. */
export interface Attachment {
  readonly sha256: string
  readonly name: string
  readonly media_type: string
  readonly size: number
}

/** Empty words and null are what nobody has chosen yet: nothing here has a default. */
export interface Draft {
  /** Under one name it is said once, however often somebody presses. */
  ask_id: string
  subject: string
  text: string
  language: string
  precedence: number | null
  classification: string
  to: string[]
  answers: string | null
  readback: boolean
  attachments: Attachment[]
}

const empty = (): Draft => ({
  ask_id: newAskId(),
  subject: '',
  text: '',
  language: '',
  precedence: null,
  classification: '',
  to: [],
  answers: null,
  readback: false,
  attachments: [],
})

/** Of this officer, in this world: nobody finds what another was writing. */
export function draftName({ world, officer }: About, conversation: string | null): string {
  return `laurel:draft:${world}:${officer}:${conversation ?? 'new'}`
}

export function keptDraft(name: string): Draft {
  const kept = window.sessionStorage.getItem(name)
  return kept === null ? empty() : { ...empty(), ...(JSON.parse(kept) as Partial<Draft>) }
}

export function keepDraft(name: string, draft: Draft) {
  window.sessionStorage.setItem(name, JSON.stringify(draft))
}

export function dropDraft(name: string): Draft {
  window.sessionStorage.removeItem(name)
  return empty()
}

/** What is still to choose before it may be said, by the keys of its words. */
export function missing(draft: Draft, opens: boolean): readonly Missing[] {
  const wanted: readonly (readonly [Missing, boolean])[] = [
    ['draft.subject', opens && !draft.subject.trim()],
    ['draft.text', !draft.text.trim()],
    ['draft.language', !draft.language],
    ['precedence.title', draft.precedence === null],
    ['classification.title', !draft.classification],
    ['audience.title', draft.to.length === 0],
  ]
  return wanted.filter(([, lacks]) => lacks).map(([key]) => key)
}

export type Missing =
  | 'draft.subject'
  | 'draft.text'
  | 'draft.language'
  | 'precedence.title'
  | 'classification.title'
  | 'audience.title'

const OFFICE = 'laurel:office'

/** The office that this window last acted for: people sit at one desk. */
export function lastOffice(): string {
  return window.sessionStorage.getItem(OFFICE) ?? ''
}

export function rememberOffice(office: string) {
  window.sessionStorage.setItem(OFFICE, office)
}
