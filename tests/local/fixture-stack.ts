import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../local/free-port.ts';
import { resetStack } from '../../local/reset.ts';
import { startStack, type Stack, type StackOptions } from '../../local/stack.ts';

export const FIXTURE = join(import.meta.dirname, 'fixture');

/** A stack for the fixture project, or for another, with a data directory of its own unless one is given. */
export async function startFixture(options: Partial<StackOptions> = {}): Promise<Stack> {
  const stack = await startStack({
    projectDir: FIXTURE,
    dataDir: options.dataDir ?? temporaryDirectory(),
    port: options.port ?? (await freePort()),
    functionEnvironment: {},
    ...options,
  });
  stacks.push(stack);
  return stack;
}

/** The fixture in a folder of its own, to be changed, with the packages that its functions import. */
export function copyFixture(): string {
  const directory = temporaryDirectory();
  cpSync(FIXTURE, directory, { recursive: true });
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(directory, 'node_modules'));
  return directory;
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'stack-test-'));
  temporary.push(directory);
  return directory;
}

/**
 * Stops what a test left running and removes what it made. As root a database may be kept elsewhere than in its
 * data directory: hence the reset.
 */
export async function cleanUp(): Promise<void> {
  for (const stack of stacks.splice(0)) await stack.stop();
  for (const directory of temporary.splice(0)) {
    await resetStack(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Asks again and again until the answer satisfies, or fails with the last one. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  satisfies: (answer: Answer) => boolean,
  timeoutMs = 10_000,
): Promise<Answer> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`Still not so after ${timeoutMs} ms: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const temporary: string[] = [];
const stacks: Stack[] = [];
