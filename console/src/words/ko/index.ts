/** Every word on the page, in Korean. */
import type { Words } from '../entry.ts'

export const ko: Partial<Words> = {}
