import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** The server behind `npm run dev`. */
const server = process.env['MUTU_URL'] ?? 'http://127.0.0.1:8080';

// Vite and Playwright read their configuration from a default export.
export default defineConfig({
  // Served at the root of a host or under a prefix: addresses of built files are relative to `<base>`.
  base: './',
  plugins: [react()],
  build: { outDir: 'dist', target: 'es2022', chunkSizeWarningLimit: 1500 },
  server: {
    // Of signing in, the page is ours; links and the identity provider are the server's.
    proxy: {
      '/api': server,
      '/tiles': server,
      '/styles': server,
      '/ogc': server,
      '/print': server,
      '^/sign-in(\\?code|/)': server,
    },
  },
  test: { include: ['src/**/*.test.ts'] },
});
