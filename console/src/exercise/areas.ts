/** What is typed of an area without play, as it is meant. */

/** `2027-03-01 08:30`, UTC, in ms since 1970; NaN when it is no moment. */
export function momentTyped(text: string): number {
  const found = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)\s*Z?$/.exec(text.trim())
  return found ? Date.parse(`${found[1]}T${found[2]}Z`) : NaN
}

export type CornerDeg = readonly [lat_deg: number, lon_deg: number]

const LEAST = 3
const MOST = 100

/** One corner in each line, latitude then longitude, in degrees: `35.5 139.75`. Null when a line is none, or there are too few or too many. */
export function cornersTyped(text: string): readonly CornerDeg[] | null {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  if (lines.length < LEAST || lines.length > MOST) return null
  const corners = lines.map((line): CornerDeg | null => {
    const found = /^(-?\d+(?:\.\d+)?)[,;\s]+(-?\d+(?:\.\d+)?)$/.exec(line)
    const [lat, lon] = [Number(found?.[1] ?? NaN), Number(found?.[2] ?? NaN)]
    return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lat, lon] : null
  })
  return corners.every((one) => one !== null) ? corners : null
}
