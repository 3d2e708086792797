import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const at = (path: string): string => resolve(import.meta.dirname, path)

export default defineConfig({
  // Entries keep their place beside each other: index.js and cli.js find capture-worker.js by import.meta.url.
  main: {
    build: {
      outDir: at('out/main'),
      // Dozens of small files each, which the process and every thread of a capture would find and read by itself.
      externalizeDeps: { exclude: ['@bufbuild/protobuf', 'aedes', 'mqtt', 'valibot', 'ws'] },
      rolldownOptions: {
        input: {
          index: at('electron/main/index.ts'),
          cli: at('electron/cli/index.ts'),
          'capture-worker': at('electron/engine/capture/worker.ts'),
        },
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  // A sandboxed preload script is one CommonJS file that requires nothing but `electron`.
  preload: {
    build: {
      outDir: at('out/preload'),
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: at('electron/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('renderer'),
    plugins: [react()],
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      minify: true,
      // A file in a data: URL would need a weaker Content-Security-Policy.
      assetsInlineLimit: 0,
      // Views are loaded one by one; their styles are few, and in one file they always stand in the same order.
      cssCodeSplit: false,
      rolldownOptions: { input: at('renderer/index.html') },
    },
  },
})
