/** Every word on the page, in Japanese. */
import type { Words } from '../entry.ts'

export const ja: Partial<Words> = {}
