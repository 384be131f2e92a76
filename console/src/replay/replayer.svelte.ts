import { fromHash, go, inHash, type Mark, play, type Replay, speedBeside, step } from './replay.ts'

/** Moves the replay that this page shows. All who look at it see the same moment. */
export class Replayer {
  /** What the node last said of it; null in a world that is. */
  shown = $state.raw<Replay | null>(null)
  marks = $state.raw<readonly Mark[]>([])
  /** Why the last move was refused, in the node's words; or that a replay says nothing. */
  trouble = $state('')
  readonly open = $derived(this.shown !== null && this.shown.opening === null)

  #began = false
  #moving = false
  #next: (() => Promise<Replay>) | null = null

  /** What the stream says. */
  hear(replay: Replay | null) {
    // While a hand moves it, an older word must not pull it back.
    if (!this.#moving) this.shown = replay
    if (replay?.opening === null && !this.#began) void this.#begin(replay)
  }

  toggle() {
    const { shown } = this
    if (!shown) return
    // At its end, it begins again.
    if (!shown.playing && shown.at === shown.to_at && shown.from_at !== null) {
      const { from_at, speed } = shown
      this.#move(async () => {
        await go({ at: from_at })
        return play(true, speed)
      })
    } else this.#move(() => play(!shown.playing, shown.speed))
  }

  setSpeed(speed: number) {
    const { shown } = this
    if (shown) this.#move(() => play(shown.playing, speed))
  }

  faster(by: 1 | -1) {
    if (this.shown) this.setSpeed(speedBeside(this.shown.speed, by))
  }

  toMark(by: 1 | -1) {
    this.#move(() => step(by, true))
  }

  toRecord(by: 1 | -1) {
    this.#move(() => step(by))
  }

  to(at: string) {
    this.#move(() => go({ at }))
  }

  behind(position: number) {
    this.#move(() => go({ position }))
  }

  /** One at a time; of those that come meanwhile only the last is done: a hand on the slider says many. */
  #move(ask: () => Promise<Replay>) {
    if (!this.open) return
    this.#next = ask
    if (!this.#moving) void this.#go()
  }

  async #go() {
    this.#moving = true
    while (this.#next) {
      const ask = this.#next
      this.#next = null
      try {
        this.shown = await ask()
        this.trouble = ''
      } catch (error) {
        this.trouble = error instanceof Error ? error.message : String(error)
      }
    }
    this.#moving = false
    const { shown } = this
    if (shown?.at) window.history.replaceState(null, '', inHash(window.location.hash, shown.at, shown.speed))
  }

  /** Its moments, and where the address says that it shall stand. */
  async #begin({ at, speed }: Replay) {
    this.#began = true
    const wanted = fromHash(window.location.hash)
    if (wanted.at !== null && wanted.at !== at) this.to(wanted.at)
    if (wanted.speed !== null && wanted.speed !== speed) {
      const faster = wanted.speed
      // After the move, not instead of it.
      window.setTimeout(() => this.setSpeed(faster), 300)
    }
    try {
      const answer = await fetch('replay/marks', { cache: 'no-store' })
      if (answer.ok) this.marks = (await answer.json()) as Mark[]
    } catch {
      this.#began = false
    }
  }
}
