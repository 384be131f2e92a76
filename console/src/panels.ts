import type { Component } from 'svelte'

import type { About } from './picture.ts'

/** What a request for consultation shall rest on: records by id, items of the docket by subject. */
export interface Basis {
  readonly records?: readonly string[]
  readonly items?: readonly string[]
}

/** What every panel is given. It asks its queries itself (`Look`), and again every few seconds. */
export interface PanelProps {
  readonly about: About
  readonly now_ms: number
  /** What is open in it. */
  readonly id: string | null
  readonly onopen: (id: string | null) => void
  readonly onconsult: (basis: Basis) => void
  /** Another room, or something in it. */
  readonly onroom: (room: string, id?: string) => void
}

const found = import.meta.glob<Component<PanelProps>>(
  ['./*/*Room.svelte', '!./{frame,watch,hotline,consult}/*'],
  { eager: true, import: 'default' },
)

/** The rooms that need nothing of the stream: each is `<room>/<Room>Room.svelte`, and is found by that name. */
export const PANELS: Readonly<Partial<Record<string, Component<PanelProps>>>> = Object.fromEntries(
  Object.entries(found).map(([path, room]) => [path.split('/')[1], room]),
)
