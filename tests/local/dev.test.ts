import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { cleanUp, copyFixture, eventually, startFixture } from './fixture-stack.ts';

let projectDir: string;
let stack: Stack;

beforeAll(async () => {
  projectDir = copyFixture();
  stack = await startFixture({ projectDir, dev: true, eager: ['crash', 'stream'] });
}, 120_000);
afterAll(cleanUp, 60_000);

const file = (path: string) => join(projectDir, 'supabase', 'functions', path);

test('[DEV1] a change restarts its function, and no other', async () => {
  const { crash: before, stream } = stack.processes();
  const source = readFileSync(file('crash/index.ts'), 'utf8');
  writeFileSync(file('crash/index.ts'), source.replace('{ pid: Deno.pid }', "{ changed: 'yes' }"));
  const answer = await eventually(
    async () => (await fetch(`${stack.url}/functions/v1/crash`)).text(),
    (text) => text.includes('changed'),
    20_000,
  );
  expect(answer).toBe('{"changed":"yes"}');
  expect(stack.processes()['crash']).not.toEqual(before);
  expect(stack.processes()['stream']).toEqual(stream);
}, 30_000);

test('[DEV2] a mistake is reported, and its correction is enough', async () => {
  const source = readFileSync(file('crash/index.ts'), 'utf8');
  const status = async () => (await fetch(`${stack.url}/functions/v1/crash`)).status;
  writeFileSync(file('crash/index.ts'), 'this is no program');
  expect(await eventually(status, (code) => code === 503, 20_000)).toBe(503);
  writeFileSync(file('crash/index.ts'), source);
  expect(await eventually(status, (code) => code === 200, 20_000)).toBe(200);
}, 60_000);

test('[DEV3] what functions share restarts all of them', async () => {
  const before = stack.processes();
  writeFileSync(file('deno.json'), `${readFileSync(file('deno.json'), 'utf8')}\n`);
  const after = await eventually(
    async () => stack.processes(),
    (now) => ['crash', 'stream'].every((slug) => now[slug]?.[0] && now[slug][0] !== before[slug]?.[0]),
    20_000,
  );
  expect(Object.keys(after).toSorted((one, other) => one.localeCompare(other))).toEqual(['crash', 'stream']);
}, 30_000);
