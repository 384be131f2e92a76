import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

import { symbols } from './build/symbols.ts'

const FEED = process.env['FEED'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  // The same files are served under every world's own address.
  base: './',
  plugins: [svelte(), symbols()],
  build: {
    outDir: '../src/laurel/static',
    emptyOutDir: true,
    target: 'es2023',
    // A face within the style sheet would be none of the page's own files, and is refused.
    assetsInlineLimit: (file) => (file.endsWith('.woff2') ? false : undefined),
    // The map library is one large file by nature; it loads after the page is readable.
    chunkSizeWarningLimit: 2_000,
  },
  server: { proxy: { '^/[^/@]+/(about|stream)$': { target: FEED, ws: true } } },
})
