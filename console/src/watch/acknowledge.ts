/** Acknowledging: what is most urgent first, be it an alert or a call of the hotline. */
import { ask } from '../ask.ts'
import type { Desk } from '../frame/desk.svelte.ts'
import { type Received, FLASH } from '../hotline/board.ts'
import { lastOffice } from '../drafts/shelf.ts'
import type { StandingAlert } from '../picture.ts'
import { t } from '../strings.ts'
import { type Level, alertLevel, trackOf } from '../urgency.ts'
import { waitingFor, waitingWith } from './queue.ts'

const GRAVE: readonly Level[] = ['critical', 'serious']

/** A member's land before every call; a FLASH before a mere launch. */
export function nextToAcknowledge(
  alerts: readonly StandingAlert[],
  calls: readonly Received[],
  own: string,
): StandingAlert | Received | null {
  const [alert, call] = [alerts[0], calls[0]]
  if (alert && call && call.precedence >= FLASH && !GRAVE.includes(alertLevel(alert, own))) return call
  return alert ?? call ?? null
}

export function next({ picture, about, stream }: Desk): StandingAlert | Received | null {
  if (!picture || !about) return stream.board.calls[0] ?? null
  return nextToAcknowledge(waitingFor(picture, about.member), stream.board.calls, about.member)
}

/** Acknowledges an alert at once, or opens the paper of a call. */
export function acknowledgeNext(desk: Desk) {
  const found = next(desk)
  if (!found) return
  if ('message' in found) desk.lay({ is: 'acknowledge', message: found })
  else void acknowledge(desk, found)
}

/** Tells all who have them that our office has read this alert and the others of its event; opens the event. */
export async function acknowledge(desk: Desk, alert: StandingAlert) {
  const { picture, about, view } = desk
  if (!picture || !about) return
  desk.refusedAlert = ''
  const together = waitingWith(alert, picture, about.member)
  const number = trackOf(alert, picture.tracks)?.number ?? null
  try {
    // Under one name for one alert: a key that is hit twice acknowledges once.
    const office = lastOffice() || t('alert.ack.office')
    await Promise.all(
      together.map(({ id }) => ask('warning/acknowledge-alert', { alert: id, office }, `acknowledge:${id}`)),
    )
    view.enter('watch')
    if (number !== null) view.choose(number)
    document.querySelector<HTMLElement>('[data-consult]')?.focus()
  } catch (error) {
    desk.refusedAlert = error instanceof Error ? error.message : String(error)
  }
}
