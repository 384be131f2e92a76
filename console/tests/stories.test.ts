import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'vitest'

const STORIES = new URL('../stories/', import.meta.url)
const SOURCE = new URL('../src/', import.meta.url)
const FLIGHT = new URL('../../tests/browser/flight.py', import.meta.url)

const found = (text: string, pattern: RegExp): readonly string[] => [...text.matchAll(pattern)].flatMap(([, one]) => one ?? [])

const stories = readdirSync(STORIES)
  .filter((name) => name.endsWith('.stories.ts'))
  .map((name) => readFileSync(new URL(name, STORIES), 'utf8'))
  .join('\n')

test('every component is told', () => {
  const told = new Set(found(stories, /\btold\(\s*'([^']+)'/g))
  const components = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.svelte') && path !== 'App.svelte')
    .map((path) => path.replace(/\.svelte$/, ''))
  assert.ok(components.length > 100)
  assert.deepEqual(components.filter((name) => !told.has(name)), [], 'tell them in console/stories/<folder>.stories.ts')
  assert.deepEqual([...told].filter((name) => !components.includes(name)), [])
})

test('every story is of a scene that the feed plays', () => {
  const python = readFileSync(FLIGHT, 'utf8')
  const scenes = found(python.slice(python.indexOf('SCENES = {')), /^ {4}"([a-z-]+)": Scene\(/gm)
  const used = new Set(found(stories, /\bscene: '([a-z-]+)/g))
  assert.ok(used.size > 10)
  assert.deepEqual([...used].filter((name) => !scenes.includes(name)), [])
})
