import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** Only for looking: the product is built elsewhere. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  // The content security policy lets no font come out of a data: address.
  build: {
    assetsInlineLimit: 0,
    outDir: fileURLToPath(new URL('../../../out/look', import.meta.url)),
    emptyOutDir: true,
  },
  server: { fs: { allow: [fileURLToPath(new URL('../../..', import.meta.url))] } },
})
