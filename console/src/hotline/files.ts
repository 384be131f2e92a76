/** Files that go with a message: said in parts, so that an upload which breaks off goes on where it was. */
import type { HeldFiles } from '../api.ts'
import { ask } from '../ask.ts'
import type { Attachment } from './writing.ts'

/** As instruments/hotline/records.py has it. */
const PART_BYTES = 128 * 1024
export const MAX_FILE_BYTES = 256 * PART_BYTES
const MEDIA = /^[a-z0-9.+-]{1,60}\/[a-z0-9.+-]{1,60}$/

export interface Sent {
  readonly held: number
  readonly parts: number
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`
  if (size < 1024 * 1024) return `${Math.round(size / 1024)} kB`
  return `${(size / 1024 / 1024).toFixed(1)} MB`
}

/** To whom, and under which classification: that of the message. */
interface Told {
  readonly own: string
  readonly to: readonly string[]
  readonly classification: string
}

/** Says every part that was not said before to the same audience: an upload that broke off goes on where it was. */
export async function attach(file: File, told: Told, tell: (sent: Sent) => void): Promise<Attachment> {
  const whole = await file.arrayBuffer()
  const size = whole.byteLength
  const sha256 = hex(await crypto.subtle.digest('SHA-256', whole))
  const parts = Math.max(1, Math.ceil(size / PART_BYTES))
  const held = await heldParts(sha256, told)
  for (let index = 0; index < parts; index++) {
    tell({ held: index, parts })
    if (held.has(index)) continue
    const content = base64(new Uint8Array(whole.slice(index * PART_BYTES, (index + 1) * PART_BYTES)))
    await ask('hotline/attach', { to: told.to, classification: told.classification, sha256, size, index, parts, content })
  }
  tell({ held: parts, parts })
  const media_type = MEDIA.test(file.type) ? file.type : 'application/octet-stream'
  return { sha256, name: file.name.slice(0, 120), media_type, size }
}

async function heldParts(sha256: string, { own, to, classification }: Told): Promise<ReadonlySet<number>> {
  const answer = await fetch(`hotline/attachment?sha256=${sha256}`, { cache: 'no-store' })
  if (!answer.ok) return new Set()
  const readers = [own, ...to].sort().join()
  const { files } = (await answer.json()) as HeldFiles
  const same = files.find(
    ({ member, label }) => member === own && label.classification === classification && [...label.rel_to].join() === readers,
  )
  return new Set(same?.held)
}

function hex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function base64(content: Uint8Array): string {
  let text = ''
  for (let from = 0; from < content.length; from += 0x8000) {
    text += String.fromCharCode(...content.subarray(from, from + 0x8000))
  }
  return btoa(text)
}
