/** Files that go with a message: said in parts, so that an upload which breaks off goes on where it was. */
import { ask } from '../ask.ts'
import type { Attachment } from './drafts.svelte.ts'

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

/** Says every part to the same audience as the message. The same file said again is said once: its parts are named by its hash. */
export async function attach(
  file: File,
  label: { readonly classification: string; readonly rel_to: readonly string[] },
  tell: (sent: Sent) => void,
): Promise<Attachment> {
  const whole = await file.arrayBuffer()
  const sha256 = hex(await crypto.subtle.digest('SHA-256', whole))
  const parts = Math.max(1, Math.ceil(whole.byteLength / PART_BYTES))
  for (let index = 0; index < parts; index++) {
    tell({ held: index, parts })
    const content = base64(new Uint8Array(whole.slice(index * PART_BYTES, (index + 1) * PART_BYTES)))
    const body = { sha256, index, parts, content, classification: label.classification, to: label.rel_to }
    await ask('hotline/attach', body, `part:${sha256.slice(0, 40)}:${index}:${label.rel_to.join('')}`)
  }
  tell({ held: parts, parts })
  const media_type = MEDIA.test(file.type) ? file.type : 'application/octet-stream'
  return { sha256, name: file.name.slice(0, 120), media_type, size: whole.byteLength }
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
