import { existsSync } from 'node:fs';
import path from 'node:path';
import colors from 'picocolors';
import { checkDatabase } from './doctor/check-database.ts';
import { checkMachine } from './doctor/check-machine.ts';
import { checkProject } from './doctor/check-project.ts';
import { checkProxyLogin } from './doctor/check-proxy-login.ts';
import { checkVariables } from './doctor/check-variables.ts';
import type { Finding } from './doctor/finding.ts';
import { repositoryRoot } from './run-command.ts';
import { readVariables } from './variables.ts';

const marks = { ok: colors.green('✓'), wrong: colors.red('✗'), unchecked: colors.dim('–') };
let problems = 0;

function show(title: string, findings: Finding[]): void {
  console.log(`\n${colors.bold(title)}`);
  for (const { state, subject, detail } of findings) {
    const text = detail.replaceAll('\n', `\n${' '.repeat(35)}`);
    console.log(`  ${marks[state]} ${subject.padEnd(30)} ${state === 'unchecked' ? colors.dim(text) : text}`);
  }
  problems += findings.filter(({ state }) => state === 'wrong').length;
}

const envFile = path.join(repositoryRoot, '.env');
if (existsSync(envFile)) process.loadEnvFile(envFile);
const environment = process.env;
const variables = readVariables();

show('This machine', await checkMachine());
show('Variables', checkVariables(variables, environment));
const database = await checkDatabase(environment['SUPABASE_DB_URL']);
const isDeployed = database.some(({ subject, state }) => subject === 'Migrations' && state === 'ok');
show('Database', [...database, ...(await checkProxyLogin(environment['PROXY_DATABASE_URL'], isDeployed))]);
show('Project', await checkProject(variables, environment));

console.log(
  problems === 0
    ? `\n${colors.green('Nothing stands in the way of a deployment.')}`
    : `\n${colors.red(`${problems} ${problems === 1 ? 'thing stands' : 'things stand'} in the way of a deployment.`)}`,
);
process.exitCode = problems === 0 ? 0 : 1;
