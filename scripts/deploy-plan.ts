import { functionNames } from './doctor/check-machine.ts';
import { projectUrl } from './doctor/check-project.ts';
import type { Environment } from './doctor/check-variables.ts';
import type { Variable } from './variables.ts';

/** `secrets` and values in `environment` are for the program that runs a step; only `title` and `shown` are printed. */
export type Step =
  | {
      kind: 'command';
      title: string;
      shown: string;
      command: string;
      args: string[];
      environment: Environment;
    }
  | { kind: 'database'; title: string; shown: string }
  | { kind: 'secrets'; title: string; shown: string; secrets: Record<string, string> }
  | { kind: 'job'; title: string; shown: string; url: string };

/** Where the deployed dashboard's files are built: not `web/dist`, which `npm start` serves. */
export const deployedWebDirectory = 'web/dist-hosted';

/** What a deployment does, in order: what can fail without a trace, the build, is first. */
export function planDeployment(variables: Variable[], environment: Environment): Step[] {
  const reference = environment['SUPABASE_PROJECT_REF'] || '<SUPABASE_PROJECT_REF>';
  const url = projectUrl(environment) ?? 'https://<SUPABASE_PROJECT_REF>.supabase.co';
  const secrets = Object.fromEntries(
    variables.flatMap(({ name, isFunctionSecret }) => {
      const value = environment[name];
      return isFunctionSecret && value ? [[name, value]] : [];
    }),
  );
  return [
    {
      kind: 'command',
      title: 'Dashboard',
      shown: `vite build → ${deployedWebDirectory}, for ${url}`,
      command: 'vite',
      args: ['build', '--config', 'web/vite.config.ts', '--outDir', 'dist-hosted', '--emptyOutDir'],
      environment: { VITE_SUPABASE_URL: url },
    },
    command('Migrations', ['db', 'push', '--remote=$SUPABASE_DB_URL', '--skip-vault', '--yes'], environment),
    {
      kind: 'database',
      title: 'Vault and proxy login',
      shown: 'vault: project_url, jobs_secret · role proxy: login with the password in $PROXY_DATABASE_URL',
    },
    {
      kind: 'secrets',
      title: 'Function secrets',
      shown: `supabase secrets set --remote=${reference}: ${Object.keys(secrets).join(', ')}`,
      secrets,
    },
    command(
      'Functions',
      ['functions', 'deploy', ...functionNames(), `--remote=${reference}`, '--use-api', '--yes'],
      environment,
    ),
    {
      kind: 'job',
      title: 'Prices',
      shown: `POST ${url}/functions/v1/gateway/jobs/refresh-prices`,
      url: `${url}/functions/v1/gateway/jobs/refresh-prices`,
    },
  ];
}

/** A `$NAME` in the arguments is filled in only for the program itself. */
function command(title: string, args: string[], environment: Environment): Step {
  const filled = args.map((arg) => arg.replace(/\$([A-Z_]+)/, (_, name: string) => environment[name] ?? ''));
  return {
    kind: 'command',
    title,
    shown: ['supabase', ...args].join(' '),
    command: 'supabase',
    args: filled,
    environment: { SUPABASE_TELEMETRY_DISABLED: '1' },
  };
}
