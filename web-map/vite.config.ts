import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const server = 'http://127.0.0.1:8080';

// Vite and Playwright read their configuration from a default export.
export default defineConfig({
  plugins: [react()],
  build: { outDir: 'dist', target: 'es2022', chunkSizeWarningLimit: 1500 },
  server: {
    proxy: { '/api': server, '/tiles': server, '/styles': server, '/ogc': server, '/sign-in': server },
  },
  test: { include: ['src/**/*.test.ts'] },
});
