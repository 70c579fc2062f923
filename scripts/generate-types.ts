import { tmpdir } from 'node:os';
import { runCommand } from './run-command.ts';

/** The row types of `public`, formatted, as the official CLI reads them from a database. */
export async function generateTypes(databaseUrl: string): Promise<string> {
  const generated = await runCommand(
    'supabase',
    ['gen', 'types', '--lang', 'typescript', '--schema', 'public', `--remote=${databaseUrl}`],
    { cwd: tmpdir(), env: { PGSSLMODE: 'disable', SUPABASE_TELEMETRY_DISABLED: '1' }, keep: 'stdout' },
  );
  // Before the types the CLI may say how it connected.
  const start = generated.output.indexOf('export type Json');
  if (generated.code !== 0 || start < 0) throw new Error(`supabase gen types failed:\n${generated.output}`);
  const formatted = await runCommand('oxfmt', ['--stdin-filepath', 'generated.ts'], {
    input: generated.output.slice(start),
    keep: 'stdout',
  });
  if (formatted.code !== 0) throw new Error(`oxfmt failed:\n${formatted.output}`);
  return `// Generated from the migrations by \`npm run db:types\`.\n${formatted.output}`;
}

export const typesFile = 'supabase/functions/_shared/database.types.ts';
