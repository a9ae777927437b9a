import { defineConfig } from '@playwright/test';

/** The server under test; `make test` starts it on a free port. */
const baseURL = process.env['MUTU_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // Without the platform in their names: they are the container's.
  snapshotPathTemplate: '{testDir}/{testFileName}-pictures/{arg}{ext}',
  // Software rendering is slow and shares its processors with the server.
  workers: 1,
  // A second try tells a fault from a moment in which the machine was elsewhere; the list names who needed one.
  retries: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env['CI']),
  reporter: [['list']],
  projects: [
    { name: 'sign-in', testMatch: 'sign-in.setup.ts' },
    { name: 'walks', dependencies: ['sign-in'] },
  ],
  use: {
    baseURL,
    viewport: { width: 1440, height: 900 },
    deviceScaleFactor: 1,
    locale: 'zh-CN',
    acceptDownloads: true,
    // A dialog that grows is hit beside its button when there are few frames a second.
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['MUTU_CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--use-gl=angle',
        '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
        '--ignore-gpu-blocklist',
        '--disable-dev-shm-usage',
      ],
    },
  },
});
