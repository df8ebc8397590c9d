import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The preview entry plays the screens against recorded answers in a plain browser. It is a page and an
// output folder of its own, so nothing of it can reach the bundle that ships.
export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [react()],
  clearScreen: false,
  server: { port: 5173, strictPort: true, host: '127.0.0.1' },
  preview: { port: 4173, strictPort: true, host: '127.0.0.1' },
  build: {
    target: ['es2022', 'safari16'],
    outDir: mode === 'preview' ? 'dist-preview' : 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rollupOptions: { input: mode === 'preview' ? 'preview.html' : 'index.html' },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    css: false,
    // Only what hangs may end here: axe on a loaded machine takes its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    restoreMocks: true,
  },
}));
