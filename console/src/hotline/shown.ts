import { ask, newAskId } from '../ask.ts'

/** Those that come into sight together are told of together. */
const GATHER_MS = 50
const MOST = 500

const told = new Set<string>()
let gathered: string[] = []

/** Tells the node, once, that this message was on an officer's screen. What fails is told again at the next look. */
export function shown(message: string) {
  if (told.has(message)) return
  told.add(message)
  if (gathered.length === 0) window.setTimeout(tell, GATHER_MS)
  gathered.push(message)
}

function tell() {
  const messages = gathered.splice(0, MOST)
  gathered = []
  ask('hotline/shown', { messages }, newAskId()).catch(() => messages.forEach((one) => told.delete(one)))
}
