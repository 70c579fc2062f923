import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  // The repository's .env serves both sides; only VITE_ variables reach the browser.
  envDir: here('..'),
  plugins: [react()],
  resolve: {
    alias: {
      '@': here('./src'),
      '@contracts': here('../supabase/functions/_shared/contracts'),
      '@db': here('../supabase/functions/_shared/database.types.ts'),
    },
  },
  server: { host: '127.0.0.1' },
  build: {
    outDir: here('./dist'),
    emptyOutDir: true,
    target: 'es2022',
    // These know light-dark(): a replacement would not follow the scheme that someone has chosen.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(?:react|react-dom|scheduler|react-router)\// },
            { name: 'supabase', test: /node_modules\/@supabase\// },
          ],
        },
      },
    },
  },
});
