import { mount } from 'svelte'

import './app.css'
import App from './App.svelte'
import { spoken } from './language.svelte.ts'

const target = document.getElementById('app')
if (!target) throw new Error('index.html has no #app')
await spoken.begin()
mount(App, { target })
// After the page is up: they only list which file holds which characters, and a browser fetches those that are on the page.
void import('./faces.ts')
