import colors from 'picocolors';
import { runStack } from '../../scripts/run-stack.ts';
import { operatorSql } from '../support/database.ts';
import { startUpstream } from '../support/upstream.ts';

export type Check = { claim: string; isTrue: boolean; facts: string };

/**
 * Runs a proof on a stack of its own, with a stand-in for every provider, and ends this process with 0 where all of its
 * checks are true.
 */
export async function runProof(
  environment: Record<string, string>,
  prove: (upstreamUrl: string) => Promise<boolean>,
): Promise<void> {
  // Ctrl-C ends the stack as well; what was started here is still cleaned up.
  process.on('SIGINT', () => {});
  const upstream = await startUpstream();
  try {
    console.log('Starting a stack of its own…');
    const stack = await runStack({
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      ANTHROPIC_BASE_URL: upstream.url,
      ...environment,
    });
    process.env['STACK_READY_FILE'] = stack.readyFile;
    try {
      process.exitCode = (await prove(upstream.url)) ? 0 : 1;
    } finally {
      await operatorSql().end();
      await stack.stop();
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    await upstream.close();
  }
  // What a proof has abandoned on purpose, such as a killed tab, keeps its timers.
  process.exit();
}

/** Prints the checks below a heading; answers whether all are true. */
export function showChecks(heading: string, checks: readonly Check[]): boolean {
  console.log(`\n${colors.bold(heading)}`);
  for (const { claim, isTrue, facts } of checks) {
    const mark = isTrue ? colors.green('✓') : colors.red('✗');
    console.log(`${mark} ${claim.padEnd(44)}${colors.dim(facts)}`);
  }
  return checks.every(({ isTrue }) => isTrue);
}
