/** A story is one component in one state, with what the stand-in for a node says in one of its scenes. */
import type { Component } from 'svelte'

import type { Desk } from '../src/frame/desk.svelte.ts'
import type { PanelProps } from '../src/panels.ts'

interface State<P> {
  /** The scene of tests/browser/feed.py, such as `midflight` or `midflight.freedom-27`. */
  readonly scene: string
  /** What the component is given, of what lies before an officer in that scene. */
  readonly props: (desk: Desk) => P | Promise<P>
}

/** The element that a component stands in: some are a part of a list. */
type Within = 'div' | 'ul' | 'dl'

export interface Story {
  /** `watch/EventCard/lost` */
  readonly name: string
  readonly scene: string
  readonly within: Within
  readonly component: Component
  readonly props: (desk: Desk) => Record<string, unknown> | Promise<Record<string, unknown>>
}

/** A component in each of its states, by their names. */
// Svelte itself asks no more of what a component is given.
export function told<P extends Record<string, any>>(
  name: string,
  component: Component<P, object, string>,
  states: Readonly<Record<string, State<P>>>,
  within: Within = 'div',
): readonly Story[] {
  return Object.entries(states).map(([state, { scene, props }]) => ({
    name: `${name}/${state}`,
    scene,
    within,
    component: component as unknown as Component,
    props,
  }))
}

/** What a query of the scene answers. */
export async function asked<T>(path: string): Promise<T> {
  const answer = await fetch(path)
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return (await answer.json()) as T
}

/** What must be there in the scene for the story to be told. */
export function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the scene lacks what this story is about')
  return value
}

export const nothing = () => undefined

/** Whose house it is, and when. */
export const seen = (desk: Desk) => ({ about: there(desk.about), now_ms: desk.now_ms })

/** A room that needs nothing of the stream, with that open in it. */
export const panel =
  (id: string | null = null) =>
  (desk: Desk): PanelProps => ({ ...seen(desk), id, onopen: nothing, onconsult: nothing, onroom: nothing })
