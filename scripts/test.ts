import { existsSync, globSync, rmSync } from 'node:fs';
import path from 'node:path';
import colors from 'picocolors';
import { startProviderReports } from '../tests/support/provider-reports.ts';
import { startUpstream } from '../tests/support/upstream.ts';
import { repositoryRoot, runCommand } from './run-command.ts';
import { runStack } from './run-stack.ts';

type Suite = { name: string; files: string; command: string; args: string[]; needsStack: boolean };

const suites: Suite[] = [
  vitest(
    'unit',
    '{supabase/functions,local,scripts,cli,web/src,tests/repository,tests/support}/**/*.test.{ts,tsx}',
  ),
  vitest('local', 'tests/local/**/*.test.ts'),
  vitest('stack', 'tests/{db,functions}/**/*.test.ts', true),
  { name: 'e2e', files: 'tests/e2e/**/*.test.ts', command: 'playwright', args: ['test'], needsStack: true },
];

function vitest(name: string, files: string, needsStack = false): Suite {
  return { name, files, command: 'vitest', args: ['run', '--project', name], needsStack };
}

/** `npm test -- proxy stack` runs what has one of the words in its path or is the suite of that name. */
const filters = process.argv.slice(2);
const results = new Map<string, boolean>();
const errors = new Map<string, string>();
const logs = path.join(repositoryRoot, 'test-results', 'logs');

function selection({ name, files }: Suite): string[] | null {
  const all = globSync(files, { cwd: repositoryRoot });
  if (filters.length === 0 || filters.includes(name)) return all.length > 0 ? [] : null;
  const words = filters.filter((word) => all.some((file) => file.includes(word)));
  return words.length > 0 ? words : null;
}

async function run(suite: Suite, environment: Record<string, string> = {}): Promise<void> {
  const words = selection(suite);
  if (!words) return;
  console.log(colors.bold(`\n${suite.name}`));
  const { code, output } = await runCommand(suite.command, [...suite.args, ...words], {
    keep: 'errors',
    env: environment,
  });
  results.set(suite.name, code === 0);
  if (code !== 0 && output !== '') errors.set(suite.name, output);
}

/** One stack for all of them, with the stand-in for every provider; or the running one that STACK_READY_FILE names. */
async function runOnStack(chosen: Suite[]): Promise<void> {
  const running = process.env['STACK_READY_FILE'];
  if (running !== undefined && existsSync(running)) {
    for (const suite of chosen) await run(suite);
    return;
  }
  const [upstream, reports] = await Promise.all([startUpstream(), startProviderReports()]);
  try {
    const stack = await runStack({
      STACK_PROXY_PROCESSES: '2',
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      ANTHROPIC_BASE_URL: upstream.url,
      MOONSHOT_BASE_URL: `${upstream.url}/v1`,
      OPENAI_ADMIN_BASE_URL: `${reports.url}/v1`,
      ANTHROPIC_ADMIN_BASE_URL: reports.url,
      MOONSHOT_ADMIN_BASE_URL: `${reports.url}/v1`,
      WEBHOOKS_MAY_REACH_LOOPBACK: 'true',
    });
    const environment = {
      STACK_READY_FILE: stack.readyFile,
      UPSTREAM_URL: upstream.url,
      REPORTS_URL: reports.url,
    };
    for (const suite of chosen) await run(suite, environment);
    const isRed = chosen.some(({ name }) => results.get(name) === false);
    await stack.stop(isRed ? logs : undefined);
    if (isRed) console.log(`\nThe stack's logs are in ${path.relative(repositoryRoot, logs)}.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    for (const { name } of chosen) results.set(name, false);
  } finally {
    await Promise.all([upstream.close(), reports.close()]);
  }
}

// Ctrl-C ends the children; what was started here is still stopped in order.
let isInterrupted = false;
process.on('SIGINT', () => {
  isInterrupted = true;
});

rmSync(logs, { recursive: true, force: true });
for (const suite of suites.filter(({ needsStack }) => !needsStack)) await run(suite);
const onStack = suites.filter((suite) => suite.needsStack && selection(suite) !== null);
if (onStack.length > 0 && !isInterrupted) await runOnStack(onStack);

// Once more, and last: of a long log the end is what is seen, and another suite's hundreds of lines came between.
for (const [name, output] of errors) {
  const start = Math.max(0, output.search(/^.*Failed (?:Suites|Tests) /mu));
  console.log(`${colors.bold(`\nWhat failed in ${name}`)}\n${output.slice(start).trimEnd()}`);
}

console.log('');
for (const [name, isGreen] of results)
  console.log(`${isGreen ? colors.green('✓') : colors.red('✗')} ${name}`);
if (results.size === 0) console.error(`No test file matches ${filters.join(' or ')}.`);
process.exitCode = results.size > 0 && [...results.values()].every(Boolean) && !isInterrupted ? 0 : 1;
