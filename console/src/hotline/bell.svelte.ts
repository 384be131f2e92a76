/** The sound of an incoming call: two soft tones that rise, unlike anything that warns of a missile. */

const MUTE_S = 60
/** How often it rings: a FLASH more often. */
const EVERY_S = { flash: 4, immediate: 10 } as const
const TONES_HZ = [523.25, 659.25] as const
const TONE_S = 0.28
const LOUDNESS = 0.14

export type Urgency = keyof typeof EVERY_S

/** It can be muted for a minute and not longer, so that nobody forgets it. */
export class Bell {
  /** Seconds until a mute ends by itself; 0 when it rings. */
  muted_s = $state(0)
  /** The browser plays nothing before somebody has touched the page. */
  blocked = $state(false)

  #sound: AudioContext | null = null
  #since_ring_s = Infinity
  #for: Urgency | null = null

  /** Keeps the bell's time. Returns how to stop. */
  start(): () => void {
    const ticking = window.setInterval(() => this.#tick(), 1_000)
    return () => {
      window.clearInterval(ticking)
      void this.#sound?.close()
      this.#sound = null
    }
  }

  /** What rings now; null for nothing. */
  ringFor(urgency: Urgency | null) {
    if (urgency !== null && this.#for === null) this.#since_ring_s = Infinity
    this.#for = urgency
    if (urgency === null) {
      this.muted_s = 0
      this.blocked = false
    }
  }

  mute() {
    if (this.#for !== null) this.muted_s = MUTE_S
  }

  unmute() {
    this.muted_s = 0
    this.#since_ring_s = Infinity
  }

  /** So that an officer knows the sound, and that this screen makes it. */
  test() {
    this.#ring()
  }

  #tick() {
    this.#since_ring_s += 1
    if (this.muted_s > 0) {
      this.muted_s -= 1
      return
    }
    if (this.#for !== null && this.#since_ring_s >= EVERY_S[this.#for]) this.#ring()
  }

  #ring() {
    this.blocked = !navigator.userActivation.hasBeenActive
    if (this.blocked) return
    this.#sound ??= new AudioContext()
    const sound = this.#sound
    if (sound.state === 'suspended') void sound.resume()
    this.#since_ring_s = 0
    TONES_HZ.forEach((tone_hz, n) => {
      const from_s = sound.currentTime + n * TONE_S
      const voice = sound.createOscillator()
      const level = sound.createGain()
      voice.frequency.value = tone_hz
      level.gain.setValueAtTime(0, from_s)
      level.gain.linearRampToValueAtTime(LOUDNESS, from_s + 0.03)
      level.gain.exponentialRampToValueAtTime(0.001, from_s + TONE_S * 1.6)
      voice.connect(level).connect(sound.destination)
      voice.start(from_s)
      voice.stop(from_s + TONE_S * 1.6)
    })
  }
}
