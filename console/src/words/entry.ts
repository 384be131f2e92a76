/** Words that a number chooses between. */
export interface Counted {
  readonly one: string
  readonly other: string
}

export type Entry = string | Counted
