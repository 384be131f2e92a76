import type { Story } from './story.ts'

const found = import.meta.glob<readonly Story[]>('./*.stories.ts', { eager: true, import: 'stories' })
export const STORIES: readonly Story[] = Object.values(found).flat()
