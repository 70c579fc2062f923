import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import colors from 'picocolors';
import { repositoryRoot, runCommand, type CommandResult } from './run-command.ts';

type Check = { name: string; command: string; args: string[]; needs: string };
type Outcome = CommandResult & { check: Check; seconds: number };

/** Everything that can be said about the repository without running it. Slow ones first: two run at a time. */
const checks: Check[] = [
  { name: 'lint', command: 'oxlint', args: [], needs: '.oxlintrc.json' },
  { name: 'types: web', command: 'tsc', args: ['-p', 'web'], needs: 'web/src' },
  node('types: functions (deno)', 'check-functions.ts', 'supabase/functions', 'deno'),
  node('types: functions (deno 2.1)', 'check-functions.ts', 'supabase/functions', 'deno-2.1'),
  {
    name: 'types: function tests',
    command: 'tsc',
    args: ['-p', 'supabase/functions'],
    needs: 'supabase/functions',
  },
  { name: 'types: node', command: 'tsc', args: ['-p', '.'], needs: 'scripts' },
  { name: 'dead code', command: 'knip', args: ['--no-progress'], needs: 'knip.jsonc' },
  { name: 'format', command: 'oxfmt', args: ['--check'], needs: '.oxfmtrc.json' },
  {
    name: 'sql',
    command: 'postgres-language-server',
    args: ['check', '--error-on-warnings', '--max-diagnostics=none', 'supabase/migrations'],
    needs: 'supabase/migrations',
  },
  node('sql: house rules', 'sql-lint.ts', 'supabase/migrations'),
  node('document references', 'document-references.ts', 'README.md'),
];

function node(name: string, script: string, needs: string, ...args: string[]): Check {
  return { name, command: 'node', args: [path.join('scripts', script), ...args], needs };
}

async function runCheck(check: Check): Promise<Outcome> {
  const startedAt = Date.now();
  const result = await runCommand(check.command, check.args);
  const seconds = (Date.now() - startedAt) / 1000;
  const mark = result.code === 0 ? colors.green('✓') : colors.red('✗');
  console.log(`${mark} ${check.name.padEnd(30)}${colors.dim(`${seconds.toFixed(1).padStart(5)} s`)}`);
  return { ...result, check, seconds };
}

/** Takes from the shared queue until it is empty, so that a slow check does not hold up the others. */
async function work(queue: Check[], outcomes: Outcome[]): Promise<void> {
  for (let check = queue.shift(); check; check = queue.shift()) outcomes.push(await runCheck(check));
}

const only = process.argv.slice(2);
const chosen = checks.filter(({ name }) => only.length === 0 || only.some((word) => name.includes(word)));
const missing = chosen.filter(({ needs }) => !existsSync(path.join(repositoryRoot, needs)));
for (const { name, needs } of missing)
  console.log(`${colors.red('✗')} ${name.padEnd(30)}  ${needs} is missing`);

const queue = chosen.filter((check) => !missing.includes(check));
const outcomes: Outcome[] = [];
const workers = Math.max(1, Math.min(2, availableParallelism()));
await Promise.all(Array.from({ length: workers }, () => work(queue, outcomes)));

const failed = outcomes.filter(({ code }) => code !== 0);
for (const { check, output } of failed) {
  console.log(
    `\n${colors.red(colors.bold(check.name))} ${colors.dim([check.command, ...check.args].join(' '))}`,
  );
  console.log(output.trim());
}
if (chosen.length === 0) console.error(`No check is called ${only.join(' or ')}.`);
process.exitCode = failed.length + missing.length > 0 || chosen.length === 0 ? 1 : 0;
