import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

import { symbols } from './build/symbols.ts'

/** The page of stories: beside the console, never part of it. */
export default defineConfig({
  root: 'stories',
  base: './',
  plugins: [svelte({ configFile: '../svelte.config.js' }), symbols()],
  build: {
    outDir: '../../build/stories',
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: { input: 'stories/stories.html' },
  },
})
