import { mount } from 'svelte'

import './app.css'
import App from './App.svelte'
import { spoken } from './language.svelte.ts'

const target = document.getElementById('app')
if (!target) throw new Error('index.html has no #app')
await spoken.begin()
mount(App, { target })
