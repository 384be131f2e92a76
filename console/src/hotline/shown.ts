import { ask } from '../ask.ts'

const TOLD = new Set<string>()

/** Tells the node, once, that this message was on an officer's screen. What fails is told again at the next look. */
export function shown(message: string) {
  if (TOLD.has(message)) return
  TOLD.add(message)
  ask('hotline/shown', { message }, `shown:${message}`).catch(() => TOLD.delete(message))
}
