import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import colors from 'picocolors';
import { deployedWebDirectory, planDeployment, type Step } from './deploy-plan.ts';
import { prepareHostedDatabase } from './prepare-hosted-database.ts';
import { projectUrl } from './doctor/check-project.ts';
import { checkVariables, type Environment } from './doctor/check-variables.ts';
import { repositoryRoot, runCommand } from './run-command.ts';
import { readVariables } from './variables.ts';

/** Says what a deployment does; `--apply` does it, step by step, and stops at the first that fails. */
async function deploy(): Promise<boolean> {
  const { values: flags } = parseArgs({ options: { apply: { type: 'boolean', default: false } } });
  const envFile = path.join(repositoryRoot, '.env');
  if (existsSync(envFile)) process.loadEnvFile(envFile);
  const variables = readVariables();
  const problems = checkVariables(variables, process.env).filter(({ state }) => state === 'wrong');
  for (const { subject, detail } of problems) {
    console.log(`${colors.red('✗')} ${subject} ${detail.split('\n')[0]}`);
  }
  const steps = planDeployment(variables, process.env);
  for (const [index, step] of steps.entries()) {
    console.log(`\n${colors.bold(`${index + 1}. ${step.title}`)}\n   ${colors.dim(step.shown)}`);
    if (!flags.apply) continue;
    if (problems.length > 0) break;
    await run(step, process.env);
  }
  if (problems.length > 0) {
    console.log(`\nNothing was done: ${problems.length} variables are missing or wrong. See npm run doctor.`);
    return false;
  }
  console.log(
    flags.apply
      ? `\nDone. Put ${deployedWebDirectory} on your static host, and ask npm run doctor.`
      : '\nNothing was done. To do it: npm run deploy -- --apply',
  );
  return true;
}

async function run(step: Step, environment: Environment): Promise<void> {
  switch (step.kind) {
    case 'command': {
      const { code } = await runCommand(step.command, step.args, { keep: 'nothing', env: step.environment });
      if (code !== 0) throw new Error(`${step.title} failed.`);
      return;
    }
    case 'database':
      return prepareHostedDatabase(environment, projectUrl(environment) ?? '');
    case 'secrets':
      return setSecrets(step.secrets, environment['SUPABASE_PROJECT_REF'] ?? '');
    case 'job':
      return callJob(step.url, environment['JOBS_SECRET'] ?? '');
  }
}

/** Through a file that only its owner reads: arguments are seen by everyone on the machine. */
async function setSecrets(secrets: Record<string, string>, reference: string): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'secrets-'));
  try {
    const file = path.join(directory, 'secrets.env');
    const lines = Object.entries(secrets).map(([name, value]) => `${name}=${quote(value)}`);
    await writeFile(file, lines.join('\n'), { mode: 0o600 });
    const args = ['secrets', 'set', `--remote=${reference}`, '--env-file', file, '--yes'];
    const { code, output } = await runCommand('supabase', args, {
      env: { SUPABASE_TELEMETRY_DISABLED: '1' },
    });
    if (code !== 0) throw new Error(`Function secrets failed:\n${output}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Single quotes keep JSON and everything else as it is. @throws where a value cannot be written so */
function quote(value: string): string {
  if (/['\n]/.test(value)) throw new Error('A function secret must not hold a single quote or a line break.');
  return `'${value}'`;
}

async function callJob(url: string, secret: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { 'x-jobs-secret': secret } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 500)}`);
  console.log(`   ${text}`);
}

deploy().then(
  (isFine) => {
    process.exitCode = isFine ? 0 : 1;
  },
  (error: unknown) => {
    console.error(`\n${colors.red(error instanceof Error ? error.message : String(error))}`);
    process.exitCode = 1;
  },
);
