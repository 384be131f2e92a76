/** A message that is being written. */

import type { Attachment } from '../api.ts'

export type { Attachment } from '../api.ts'

/** Empty words and null are what nobody has chosen yet: nothing here has a default. */
export interface Writing {
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

export const unwritten = (): Writing => ({
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

/** What is still to choose before it may be said, by the keys of its words. */
export function missing(writing: Writing, opens: boolean): readonly Missing[] {
  const wanted: readonly (readonly [Missing, boolean])[] = [
    ['draft.subject', opens && !writing.subject.trim()],
    ['draft.text', !writing.text.trim()],
    ['draft.language', !writing.language],
    ['precedence.title', writing.precedence === null],
    ['classification.title', !writing.classification],
    ['audience.title', writing.to.length === 0],
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
