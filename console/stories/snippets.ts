/** What a component that holds others is given to hold. */
import { createRawSnippet } from 'svelte'

export const words = (text: string, id = '') =>
  createRawSnippet(() => ({ render: () => (id ? `<p id="${id}">${text}</p>` : `<p>${text}</p>`) }))
