import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { reloadOnNewVersion } from './app/reload-on-new-version.ts';
import { StartFailure } from './app/start-failure.tsx';
import { loadEnv } from './lib/env.ts';
import { connectSupabase } from './lib/supabase.ts';

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no #root.');
const root = createRoot(element);

reloadOnNewVersion();

try {
  connectSupabase(await loadEnv());
  root.render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
} catch (error) {
  root.render(<StartFailure reason={error instanceof Error ? error.message : String(error)} />);
}
