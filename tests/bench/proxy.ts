import { fork, spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../../local/free-port.ts';
import { runStack } from '../../scripts/run-stack.ts';
import { measure, summarize, type Measurement, type Sample, type Target } from './measure.ts';

const root = resolve(import.meta.dirname, '../..');
const rounds = 8;
const loads = [
  { name: 'plain, 1 connection', stream: false, connections: 1, calls: 250 },
  { name: 'plain, 16 connections', stream: false, connections: 16, calls: 1200 },
  { name: 'streamed, 1 connection', stream: true, connections: 1, calls: 60 },
  { name: 'streamed, 16 connections', stream: true, connections: 16, calls: 480 },
] as const;
type LoadName = (typeof loads)[number]['name'];

/** Of one target, under each load. */
type Result = Record<LoadName, Measurement>;

/**
 * The proxy with authentication, budgets, rate limits, hold, ledger and rollups beside Portkey's gateway, which keeps none, and beside no proxy at
 * all: the same calls to the same upstream, in turns, so that a noisy machine is equally noisy to all. Passes when what
 * we add to the median plain call on one connection is at most what Portkey adds, and we carry at least as many plain
 * calls a second on 16. Streams are measured for information.
 */
async function bench(): Promise<void> {
  const { values: flags } = parseArgs({
    options: { json: { type: 'boolean' } },
  });
  const cleanups: Array<() => Promise<void> | void> = [];
  try {
    const upstreamUrl = await startUpstream(cleanups);
    const portkeyUrl = await startPortkey(cleanups);
    const product = await runStack({ OPENAI_BASE_URL: `${upstreamUrl}/v1` });
    cleanups.push(() => product.stop());
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
  for (const target of Object.values(targets)) {
    for (const load of loads) await measure(target, { ...load, calls: load.calls / 2 });
  }
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < rounds; round++) {
    for (const load of loads) {
      for (const [name, target] of Object.entries(targets)) {
        const key = `${name} ${load.name}`;
        samples.set(key, [...(samples.get(key) ?? []), await measure(target, load)]);
      }
    }
  }
  const resultOf = (name: string): Result => {
    const measured = (load: LoadName) => summarize(samples.get(`${name} ${load}`) ?? []);
    return {
      'plain, 1 connection': measured('plain, 1 connection'),
      'plain, 16 connections': measured('plain, 16 connections'),
      'streamed, 1 connection': measured('streamed, 1 connection'),
      'streamed, 16 connections': measured('streamed, 16 connections'),
    };
  };
  return Object.fromEntries(Object.keys(targets).map((name) => [name, resultOf(name)]));
}

function report(results: Record<string, Result>, asJson: boolean): void {
  const { direct, portkey, proxy } = results;
  if (direct === undefined || portkey === undefined || proxy === undefined) {
    throw new Error('a target is missing');
  }
  const added = (of: Result, load: LoadName): number => of[load].p50 - direct[load].p50;
  const comparisons = loads.map(({ name, connections }) => ({
    load: name,
    'added p50 ms': { proxy: added(proxy, name), portkey: added(portkey, name) },
    ...(connections === 16 && {
      'calls/s': { proxy: proxy[name].perSecond, portkey: portkey[name].perSecond },
    }),
  }));
  const isPassed =
    added(proxy, 'plain, 1 connection') <= added(portkey, 'plain, 1 connection') &&
    proxy['plain, 16 connections'].perSecond >= portkey['plain, 16 connections'].perSecond;
  if (asJson) console.log(JSON.stringify({ isPassed, comparisons, results }, null, 2));
  else {
    for (const { name } of loads) showLoad(name, results);
    for (const { load, ...values } of comparisons) {
      for (const [unit, { proxy: ours, portkey: theirs }] of Object.entries(values)) {
        const isBetter = unit === 'calls/s' ? ours >= theirs : ours <= theirs;
        console.log(
          `${load}: ${unit} ${round(ours)}, Portkey ${round(theirs)}${isBetter ? '' : '  (Portkey is better)'}`,
        );
      }
    }
    console.log(isPassed ? 'passed' : 'FAILED');
  }
  process.exitCode = isPassed ? 0 : 1;
}

function showLoad(load: LoadName, results: Record<string, Result>): void {
  console.log(`\n${load}`);
  const rows = Object.entries(results).map(([name, { [load]: measured }]) => [
    name,
    {
      'p50 ms': round(measured.p50),
      'p95 ms': round(measured.p95),
      'p99 ms': round(measured.p99),
      'first byte p50 ms': round(measured.firstByteP50),
      'calls/s': Math.round(measured.perSecond),
    },
  ]);
  console.table(Object.fromEntries(rows));
}

const round = (value: number): number => Math.round(value * 100) / 100;

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
