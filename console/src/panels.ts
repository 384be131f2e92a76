import type { Component } from 'svelte'

import CyberRoom from './cyber/CyberRoom.svelte'
import DialogueRoom from './dialogue/DialogueRoom.svelte'
import DocketRoom from './docket/DocketRoom.svelte'
import type { About } from './picture.ts'
import RegionRoom from './region/RegionRoom.svelte'
import SupplyRoom from './supply/SupplyRoom.svelte'
import type { Room } from './view.svelte.ts'

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
}

/** The rooms that need nothing of the stream. */
export const PANELS: Readonly<Partial<Record<Room, Component<PanelProps>>>> = {
  dialogue: DialogueRoom,
  cyber: CyberRoom,
  supply: SupplyRoom,
  region: RegionRoom,
  docket: DocketRoom,
}
