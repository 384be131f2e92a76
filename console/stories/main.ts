import { mount } from 'svelte'

import '../src/app.css'
import { spoken } from '../src/language.svelte.ts'
import { STORIES } from './all.ts'
import Index from './Index.svelte'
import Telling from './Telling.svelte'

const target = document.getElementById('app')
if (!target) throw new Error('stories.html has no #app')
await spoken.begin()
const name = new URLSearchParams(window.location.hash.slice(1)).get('story')
const story = STORIES.find((one) => one.name === name)
if (story) mount(Telling, { target, props: { story } })
else mount(Index, { target, props: { missing: name } })
