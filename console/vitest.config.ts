import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

import { symbols } from './build/symbols.ts'

export default defineConfig({
  plugins: [svelte(), symbols()],
  // The browser's side of Svelte, although Node runs it.
  resolve: { conditions: ['browser'] },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
})
