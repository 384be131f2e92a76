/** Numbers as words: rounded to what their uncertainty deserves. */
import type { Area, Ellipse, Member } from './picture.ts'
import { formatter, inLanguage, spoken } from './language.svelte.ts'
import { apart, type Key, known, t } from './strings.ts'

/** A Gaussian holds 9 times in 10 within this many standard deviations. */
const NINE_IN_TEN = 1.645
const MINUS = '\u2212'
const THIN = '\u202f'

export interface Bounded {
  readonly value: string
  readonly bound: string
}

/** Decimals that a bound leaves meaningful. */
function places(bound: number): number {
  return bound >= 10 ? 0 : bound >= 0.1 ? 1 : bound >= 0.01 ? 2 : 3
}

const numbers: Intl.NumberFormat[] = []

function fixed(value: number, decimals: number): string {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
  return (numbers[decimals] ??= new Intl.NumberFormat('en', digits))
    .format(value)
    .replaceAll(',', THIN)
    .replace('-', MINUS)
}

/** A number that somebody set, in full: `40 000`, `−0.5`. */
export function exact(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 12 }).replaceAll(',', THIN).replace('-', MINUS)
}

/** `value` with its 9-in-10 bound, both in `unit`. */
export function bounded(value: number, sigma: number, unit: string): Bounded {
  const bound = sigma * NINE_IN_TEN
  const decimals = places(bound)
  return { value: `${fixed(value, decimals)} ${unit}`, bound: `± ${fixed(bound, decimals)} ${unit}` }
}

export function km(value_m: number): string {
  const value = value_m / 1000
  return `${fixed(value, value >= 10 ? 0 : 1)} km`
}

/** Half axes of a 90 % ellipse: `± 38 × 11 km`. */
export function ellipseBound({ semi_major_m, semi_minor_m }: Ellipse): string {
  const decimals = places(semi_major_m / 1000)
  return `± ${fixed(semi_major_m / 1000, decimals)} × ${fixed(semi_minor_m / 1000, decimals)} km`
}

/** `35.1° N 179.1° E`, with as many places as a bound of `bound_m` deserves. */
export function place(lat_deg: number, lon_deg: number, bound_m: number): string {
  const decimals = bound_m > 50_000 ? 1 : bound_m > 1_000 ? 2 : 3
  const lon = ((((lon_deg + 180) % 360) + 360) % 360) - 180
  const half = (value: number, names: readonly [string, string]) =>
    `${fixed(Math.abs(value), decimals)}°${THIN}${value < 0 ? names[1] : names[0]}`
  return `${half(lat_deg, ['N', 'S'])} ${half(lon, ['E', 'W'])}`
}

export function seconds(sigma_s: number): string {
  const bound = sigma_s * NINE_IN_TEN
  return bound < 100 ? `± ${fixed(bound, bound < 10 ? 1 : 0)} s` : `± ${fixed(bound / 60, 1)} min`
}

/** How long ago, coarsely: nobody needs the seconds of an hour. */
export function age(value_s: number): string {
  const whole = Math.max(0, Math.floor(value_s))
  if (whole < 100) return t('unit.s', { n: whole })
  if (whole < 6_000) return t('unit.min', { n: Math.floor(whole / 60) })
  if (whole < 172_800) return t('unit.h', { n: Math.floor(whole / 3_600) })
  return t('unit.d', { n: Math.floor(whole / 86_400) })
}

/** `17:00`, or `1:02:00` from an hour on. */
export function countdown(value_s: number): string {
  const whole = Math.abs(Math.round(value_s))
  const two = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`
}

/** How long something took: to the second within two hours. */
export function took(value_s: number): string {
  const whole = Math.round(value_s)
  if (whole < 120 || whole >= 7_200) return age(whole)
  return t('unit.min-s', { min: Math.floor(whole / 60), s: String(whole % 60).padStart(2, '0') })
}

/** `22:44:02Z` */
export function utc(moment: string | number): string {
  return `${new Date(moment).toISOString().slice(11, 19)}Z`
}

const dates = formatter({
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})

export function utcDate(moment_ms: number): string {
  return dates().format(moment_ms)
}

const here = formatter({
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
})

/** The viewer's own wall clock. */
export function hereTime(moment_ms: number): string {
  return here().format(moment_ms)
}

/** Day and minute: `2026-08-18 09:00Z`. */
export function utcMinute(moment: string | number): string {
  return `${new Date(moment).toISOString().slice(0, 16).replace('T', ' ')}Z`
}

/** What a room is called: in our words, or as its folder is. */
export function roomName(room: string): string {
  const key = `room.${room}`
  return known(key) ? t(key) : `${room.charAt(0).toUpperCase()}${room.slice(1)}`
}

/** A country in the language that is spoken; one that we have no word for, by the `name` that its compact gives it. */
export function countryName(code: string, name: string): string {
  const key = `member.${code}`
  return known(key) ? t(key) : name
}

export function memberName(code: string, members: readonly Member[]): string {
  return countryName(code, members.find((member) => member.code === code)?.name ?? code)
}

export function areaName(area: Area, members: readonly Member[]): string {
  const member = memberName(area.member, members)
  return area.extent === 'territory' || area.extent === 'zone'
    ? t(`area.${area.extent}`, { member })
    : t('area.other', { member, extent: area.extent })
}

const lists = inLanguage((language) => new Intl.ListFormat(language, { type: 'conjunction' }))

/** Land before zone: a zone says nothing new of a member whose land is named. */
export function areaNames(areas: readonly Area[], members: readonly Member[]): string {
  const land = new Set(areas.filter((area) => area.extent === 'territory').map((area) => area.member))
  const named = areas.filter((area) => area.extent === 'territory' || !land.has(area.member))
  return lists().format(named.map((area) => areaName(area, members)))
}

export function listed(words: readonly string[]): string {
  return lists().format(words.map(apart))
}

/** What a node says freely, in our words when we have some. */
export function said(prefix: string, word: string): string {
  const key = `${prefix}.${word}`
  return known(key) ? t(key as Key) : word
}

export function capital(words: string): string {
  return words.charAt(0).toLocaleUpperCase(spoken.language) + words.slice(1)
}

/** `camp-david` -> `Camp David`; anything else as it stands. */
export function compactName(compact: string): string {
  return /^[a-z0-9-]+$/.test(compact) ? compact.split('-').map(capital).join(' ') : compact
}
