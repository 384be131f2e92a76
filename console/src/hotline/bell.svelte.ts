import { type Note, type Ring, due, notesOf, overrides } from './sound.ts'

/** A mute ends by itself, so that nobody forgets it. */
export const MUTE_S = 60
const LOUDNESS = 0.14
/** How long after one tune of a test the next begins. */
const TEST_GAP_S = 1.8

/** The sound of this screen. It can be muted for a minute and not longer; a reload ends that too. */
export class Bell {
  /** Seconds until a mute ends by itself; 0 when it rings. */
  muted_s = $state(0)
  /** The browser plays nothing before somebody has touched the page. */
  blocked = $state(!navigator.userActivation.hasBeenActive)
  rings = $state.raw<readonly Ring[]>([])
  exercise = false
  /** False while another window of this officer sounds for both. */
  isMine: () => boolean = () => true
  /** An officer muted it here, or ended that. */
  onmuted: (left_s: number) => void = () => undefined

  #sound: AudioContext | null = null
  #now_s = 0
  #sounded_s = new Map<string, number>()
  #muted: ReadonlySet<string> = new Set()

  /** Keeps the bell's time. Returns how to stop. */
  start(): () => void {
    const ticking = window.setInterval(() => this.#tick(), 1_000)
    return () => {
      window.clearInterval(ticking)
      void this.#sound?.close()
      this.#sound = null
    }
  }

  /** What rings now. What is new sounds at once. */
  ringFor(rings: readonly Ring[]) {
    const isNew = rings.some(({ id }) => !this.#sounded_s.has(id))
    this.rings = rings
    const ids = new Set(rings.map(({ id }) => id))
    for (const id of this.#sounded_s.keys()) if (!ids.has(id)) this.#sounded_s.delete(id)
    if (rings.length === 0 || overrides(rings, this.#muted)) this.#mute(0)
    if (isNew) this.#ring()
  }

  mute() {
    this.#mute(MUTE_S)
    this.onmuted(MUTE_S)
  }

  unmute() {
    this.#mute(0)
    this.#sounded_s.clear()
    this.onmuted(0)
    this.#ring()
  }

  /** Another window muted it for both, or ended that. */
  mutedElsewhere(left_s: number) {
    this.#mute(Math.min(left_s, MUTE_S))
  }

  /** So that an officer knows the sounds, and that this screen makes them: the warning, then a call. */
  test() {
    this.#play(notesOf('critical', this.exercise), 0)
    this.#play(notesOf('flash', this.exercise), TEST_GAP_S)
  }

  #mute(left_s: number) {
    if (left_s > 0 && this.rings.length === 0) return
    this.muted_s = left_s
    this.#muted = new Set(left_s > 0 ? this.rings.map(({ id }) => id) : [])
  }

  #tick() {
    this.#now_s += 1
    this.blocked = !navigator.userActivation.hasBeenActive
    if (this.muted_s > 0) {
      this.muted_s -= 1
      if (this.muted_s > 0) return
      this.#mute(0)
    }
    this.#ring()
  }

  #ring() {
    if (this.muted_s > 0) return
    const ring = due(this.rings, this.#sounded_s, this.#now_s)
    if (!ring) return
    // Who takes over the sounding must not sound anew what was heard next door.
    if (this.isMine() && !this.#play(notesOf(ring.tune, this.exercise), 0)) return
    this.#sounded_s.set(ring.id, this.#now_s)
  }

  /** Whether it was heard. */
  #play(notes: readonly Note[], after_s: number): boolean {
    this.blocked = !navigator.userActivation.hasBeenActive
    if (this.blocked) return false
    this.#sound ??= new AudioContext()
    const sound = this.#sound
    if (sound.state === 'suspended') void sound.resume()
    for (const { hz, from_s, for_s, voice } of notes) {
      const begin_s = sound.currentTime + after_s + from_s
      const tone = sound.createOscillator()
      const level = sound.createGain()
      tone.type = voice
      tone.frequency.value = hz
      level.gain.setValueAtTime(0, begin_s)
      level.gain.linearRampToValueAtTime(LOUDNESS, begin_s + 0.03)
      level.gain.exponentialRampToValueAtTime(0.001, begin_s + for_s)
      tone.connect(level).connect(sound.destination)
      tone.start(begin_s)
      tone.stop(begin_s + for_s)
    }
    return true
  }
}
