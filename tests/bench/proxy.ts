import { fork, spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../../local/free-port.ts';
import { runStack } from '../../scripts/run-stack.ts';
import { measure, measureFirstByte, quantile, type Measurement, type Target } from './measure.ts';

const root = resolve(import.meta.dirname, '../..');
const ROUNDS = 8;
const CALLS_ALONE = 250;
const CALLS_TOGETHER = 1200;
const STREAMS = 120;

type Result = { one: Measurement; sixteen: Measurement; firstByteMs: { p50: number; p95: number } };

/**
 * The proxy with authentication, hold and ledger beside Portkey's gateway, which keeps none, and beside no proxy at
 * all: the same calls to the same upstream, in turns, so that a noisy machine is equally noisy to all. Passes when our
 * added median is at most Portkey's and our throughput at 16 connections at least Portkey's.
 */
async function bench(): Promise<void> {
  const { values: flags } = parseArgs({ options: { json: { type: 'boolean' } } });
  const cleanups: Array<() => Promise<void> | void> = [];
  try {
    const upstreamUrl = await startUpstream(cleanups);
    const portkeyUrl = await startPortkey(cleanups);
    const product = await runStack({ OPENAI_BASE_URL: `${upstreamUrl}/v1` });
    cleanups.push(product.stop);
    const authorization = `Bearer ${product.ready.demo.proxyKey}`;
    const port = product.ready.functionPorts['proxy']?.[0];
    const targets: Record<string, Target> = {
      direct: { url: `${upstreamUrl}/v1/chat/completions`, headers: { authorization: 'Bearer none' } },
      portkey: {
        url: `${portkeyUrl}/v1/chat/completions`,
        headers: {
          authorization: 'Bearer none',
          'x-portkey-provider': 'openai',
          'x-portkey-custom-host': `${upstreamUrl}/v1`,
        },
      },
      proxy: { url: `http://127.0.0.1:${port}/proxy/v1/chat/completions`, headers: { authorization } },
      'proxy, through the origin': {
        url: `${product.ready.proxyUrl}/v1/chat/completions`,
        headers: { authorization },
      },
    };
    report(await measureAll(targets), flags.json === true);
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

async function measureAll(targets: Record<string, Target>): Promise<Record<string, Result>> {
  const samples = Object.entries(targets).map(([name, target]) => ({
    name,
    target,
    one: new Array<number>(),
    sixteen: new Array<number>(),
    seconds: 0,
    firstBytes: new Array<number>(),
  }));
  for (const { target } of samples) {
    await measure(target, 400, 16);
    await measure(target, 100, 1);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const sample of samples) sample.one.push(...(await measure(sample.target, CALLS_ALONE, 1)));
    for (const sample of samples) {
      const startedAt = performance.now();
      sample.sixteen.push(...(await measure(sample.target, CALLS_TOGETHER, 16)));
      sample.seconds += (performance.now() - startedAt) / 1000;
    }
    for (const sample of samples) sample.firstBytes.push(...(await measureFirstByte(sample.target, STREAMS)));
  }
  return Object.fromEntries(
    samples.map(({ name, one, sixteen, seconds, firstBytes }) => [
      name,
      {
        one: summarize(one, one.reduce((sum, ms) => sum + ms, 0) / 1000),
        sixteen: summarize(sixteen, seconds),
        firstByteMs: { p50: quantile(firstBytes, 0.5), p95: quantile(firstBytes, 0.95) },
      },
    ]),
  );
}

function summarize(latencies: number[], seconds: number): Measurement {
  return {
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    p99: quantile(latencies, 0.99),
    perSecond: latencies.length / seconds,
  };
}

function report(results: Record<string, Result>, asJson: boolean): void {
  const { direct, portkey, proxy } = results;
  if (direct === undefined || portkey === undefined || proxy === undefined)
    throw new Error('a target is missing');
  const verdict = {
    addedP50Ms: { portkey: portkey.one.p50 - direct.one.p50, proxy: proxy.one.p50 - direct.one.p50 },
    perSecondAt16: { portkey: portkey.sixteen.perSecond, proxy: proxy.sixteen.perSecond },
  };
  const isPassed =
    verdict.addedP50Ms.proxy <= verdict.addedP50Ms.portkey &&
    verdict.perSecondAt16.proxy >= verdict.perSecondAt16.portkey;
  if (asJson) console.log(JSON.stringify({ isPassed, ...verdict, results }, null, 2));
  else {
    console.table(
      Object.fromEntries(
        Object.entries(results).map(([name, { one, sixteen, firstByteMs }]) => [
          name,
          {
            '1: p50 ms': round(one.p50),
            'p95 ': round(one.p95),
            'p99 ': round(one.p99),
            '16: p50 ms': round(sixteen.p50),
            p95: round(sixteen.p95),
            p99: round(sixteen.p99),
            'calls/s': Math.round(sixteen.perSecond),
            'first byte p50 ms': round(firstByteMs.p50),
          },
        ]),
      ),
    );
    const { addedP50Ms, perSecondAt16 } = verdict;
    console.log(`added p50   proxy ${round(addedP50Ms.proxy)} ms, Portkey ${round(addedP50Ms.portkey)} ms`);
    console.log(
      `calls/s     proxy ${Math.round(perSecondAt16.proxy)}, Portkey ${Math.round(perSecondAt16.portkey)}`,
    );
    console.log(isPassed ? 'passed' : 'FAILED');
  }
  process.exitCode = isPassed ? 0 : 1;
}

const round = (ms: number): number => Math.round(ms * 100) / 100;

async function startUpstream(cleanups: Array<() => void>): Promise<string> {
  const port = await freePort();
  const child = fork(join(import.meta.dirname, 'upstream-process.ts'), [String(port)]);
  cleanups.push(() => void child.kill());
  await new Promise((ready, failed) => {
    child.once('message', ready);
    child.once('exit', failed);
  });
  return `http://127.0.0.1:${port}`;
}

async function startPortkey(cleanups: Array<() => void>): Promise<string> {
  const port = await freePort();
  const script = join(root, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const child: ChildProcess = spawn(process.execPath, [script, `--port=${port}`, '--headless'], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
  });
  cleanups.push(() => void child.kill());
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 100; attempt++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return url;
    await new Promise((wait) => setTimeout(wait, 100));
  }
  throw new Error('Portkey did not start.');
}

await bench();
