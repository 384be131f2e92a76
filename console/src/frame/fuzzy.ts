/** Finding by a few letters, in any of the three scripts. */

/** Case, width, accents and unfinished Hangul syllables make no difference. */
export const plain = (words: string): string => words.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/**
 * How well `words` answer to what was typed, both plain: the higher the better; null when a letter is missing.
 * Letters must stand in their order; those together, and at the beginning of a word, count more.
 */
export function fit(typed: string, words: string): number | null {
  let score = 0
  let at = 0
  let last = -2
  for (const letter of typed) {
    if (letter === ' ') continue
    const found = words.indexOf(letter, at)
    if (found < 0) return null
    if (found === last + 1) score += 3
    if (found === 0 || /[\s/:,.-]/.test(words[found - 1] ?? '')) score += 2
    score -= Math.min(found - at, 5) * 0.2
    last = found
    at = found + 1
  }
  return score + (words.includes(typed) ? 6 : 0) - words.length * 0.01
}
