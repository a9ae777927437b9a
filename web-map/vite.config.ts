import react from '@vitejs/plugin-react';
import type { HtmlTagDescriptor, Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** The server behind `npm run dev`. */
const server = process.env['MUTU_URL'] ?? 'http://127.0.0.1:8080';

/** The entry imports `src/root` only once it runs, but every page needs it: its files are named in the page. */
function nameRoot(): Plugin {
  return {
    name: 'name-root',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const isRoot = (id: string | null) => id?.endsWith('/src/root.tsx') ?? false;
        const files = new Set<string>();
        const styles = new Set<string>();
        const take = (name: string) => {
          const chunk = bundle[name];
          if (chunk?.type !== 'chunk' || files.has(name)) return;
          files.add(name);
          chunk.imports.forEach(take);
          chunk.viteMetadata?.importedCss.forEach((it) => styles.add(it));
        };
        for (const it of Object.values(bundle)) {
          if (it.type === 'chunk' && isRoot(it.facadeModuleId)) take(it.fileName);
        }
        if (files.size === 0) throw new Error('src/root.tsx is not a file of its own');
        const link = (rel: string, name: string): HtmlTagDescriptor => ({
          tag: 'link',
          attrs: { rel, crossorigin: true, href: `./${name}` },
          injectTo: 'head',
        });
        return [
          ...[...files].map((it) => link('modulepreload', it)),
          ...[...styles].map((it) => link('stylesheet', it)),
        ];
      },
    },
  };
}

// Vite and Playwright read their configuration from a default export.
export default defineConfig({
  // Served at the root of a host or under a prefix: addresses of built files are relative to `<base>`.
  base: './',
  plugins: [react(), nameRoot()],
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
