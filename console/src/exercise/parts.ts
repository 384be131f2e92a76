/** The parts of the exercise room: which there are in a world, and which of them an address opens. */
import type { Component } from 'svelte'

import type { Answers, Clock } from '../api.ts'
import type { PanelProps } from '../panels.ts'
import AllExercises from './AllExercises.svelte'
import AreasPart from './AreasPart.svelte'
import PlanPart from './PlanPart.svelte'
import PlayPart from './PlayPart.svelte'
import WashPart from './WashPart.svelte'

/** What every part is given. `id` is what is open in it, and `onopen` opens something else of it. */
export interface PartProps extends PanelProps {
  readonly exercises: Answers['exercise/exercises'] | null
  /** Why the exercises could not be read. */
  readonly trouble: string
  readonly clock: Clock | null
  /** Whether this officer is of exercise control, as far as is known; nobody is in a replay. */
  readonly controls: boolean
}

export const PARTS = {
  ...{ play: PlayPart, areas: AreasPart, wash: WashPart },
  ...{ plan: PlanPart, all: AllExercises },
} as const satisfies Record<string, Component<PartProps>>

export type Part = keyof typeof PARTS

/** Exercises are announced and planned live; what is played is of the exercise alone. */
export const partsOf = (exercise: string | null): readonly [Part, ...Part[]] =>
  exercise === null ? ['all', 'plan'] : ['play', 'areas', 'wash', 'plan']

/** `play:call-1` opens `call-1` in the part `play`. What no part knows opens the first. */
export function opened(id: string | null, parts: readonly [Part, ...Part[]]): { readonly part: Part; readonly of: string | null } {
  const [name, ...rest] = (id ?? '').split(':')
  const part = parts.find((one) => one === name)
  return part === undefined ? { part: parts[0], of: null } : { part, of: rest.join(':') || null }
}
