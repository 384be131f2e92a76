import type { Level } from '../urgency.ts'
import type { Severity } from './region.ts'

const LEVELS: Readonly<Record<Severity, Level>> = {
  none: 'normal',
  minor: 'standby',
  serious: 'caution',
  grave: 'serious',
}

/** Red is kept for what is in flight. */
export function level(severity: Severity | null): Level {
  return severity === null ? 'off' : LEVELS[severity]
}
