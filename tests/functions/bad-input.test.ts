import { request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeCaller } from '../support/caller.ts';
import { onlySettledCall, readLedger } from '../support/ledger.ts';
import { anthropicMessage, openaiCompletion } from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { readReady } from '../support/ready.ts';
import { jsonScript, playScripts, readUpstreamUrl } from '../support/upstream-client.ts';

const models = { openai: 'gpt-4o-mini', anthropic: 'claude-haiku-4-5' } as const;
const answers = {
  openai: openaiCompletion(models.openai, { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }),
  anthropic: anthropicMessage(models.anthropic, { input_tokens: 1, output_tokens: 1 }),
};
const limitBytes = 20 * 1024 * 1024;

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

/** A body of just this many bytes. */
function bodyOf(dialect: keyof typeof models, bytes: number): string {
  const head = `{"model":"${models[dialect]}","max_tokens":9,"messages":[{"role":"user","content":"`;
  const tail = '"}]}';
  return head + 'a'.repeat(bytes - head.length - tail.length) + tail;
}

describe.each(['openai', 'anthropic'] as const)('%s', (dialect) => {
  const refusal = {
    openai: { error: { type: 'invalid_request_error', param: null, code: 'body_too_large' } },
    anthropic: { type: 'error', error: { type: 'request_too_large' } },
  }[dialect];

  test('[BAD1] a body of twenty megabytes is served', async () => {
    const caller = await makeCaller(dialect);
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(answers[dialect]));
    const response = await postToProxy(caller.proxyKey, paths[dialect], bodyOf(dialect, limitBytes));
    expect(response.status).toBe(200);
    await response.text();
    expect(await onlySettledCall(caller.organizationId)).toMatchObject({ status: 'succeeded' });
  });

  test('[BAD2] one byte more is a 413 in the dialect, with nothing in the ledger', async () => {
    const caller = await makeCaller(dialect);
    const response = await postToProxy(caller.proxyKey, paths[dialect], bodyOf(dialect, limitBytes + 1));
    expect(response.status).toBe(413);
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toMatchObject(refusal);
    expect(await readLedger(caller.organizationId)).toEqual([]);
  });

  test('[BAD3] so is one that does not say how long it is', async () => {
    const caller = await makeCaller(dialect);
    const chunk = new TextEncoder().encode('a'.repeat(1024 * 1024));
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent++ < 24) controller.enqueue(chunk);
        else controller.close();
      },
    });
    const response = await postToProxy(caller.proxyKey, paths[dialect], endless, { duplex: 'half' });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject(refusal);
    expect(await readLedger(caller.organizationId)).toEqual([]);
  });

  test('[BAD4] what has no route is a 404, another method a 405, each in the dialect', async () => {
    const { proxyUrl } = readReady();
    const headers = { anthropic: { 'anthropic-version': '2023-06-01' }, openai: {} }[dialect];
    const [missing, method] = await Promise.all([
      fetch(`${proxyUrl}/v1/images/variations`, { method: 'POST', body: '{}', headers }),
      fetch(`${proxyUrl}${paths[dialect]}`, { headers }),
    ]);
    expect([missing.status, method.status, method.headers.get('allow')]).toEqual([404, 405, 'POST']);
    for (const response of [missing, method]) {
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      const body = z
        .looseObject({ error: z.looseObject({ message: z.string() }) })
        .parse(await response.json());
      expect(body['type']).toBe({ openai: undefined, anthropic: 'error' }[dialect]);
    }
  });
});

test('[BAD5] a body that breaks off is nothing: no call, no row', async () => {
  const caller = await makeCaller('openai');
  const { port, hostname, pathname } = new URL(readReady().proxyUrl);
  const body = bodyOf('openai', 5000);
  const sent = httpRequest({
    port,
    hostname,
    path: pathname + paths.openai,
    method: 'POST',
    headers: { authorization: `Bearer ${caller.proxyKey}`, 'content-length': body.length },
  });
  sent.write(body.slice(0, 2000));
  await wait(100);
  sent.on('error', () => {}).destroy();
  await wait(300);
  expect(await readLedger(caller.organizationId)).toEqual([]);
});

test('[BAD6] browsers may ask from anywhere', async () => {
  const preflight = httpRequest(readReady().proxyUrl + paths.openai, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,x-stainless-os',
    },
  });
  preflight.end();
  const [response] = await once(preflight, 'response');
  expect(response.statusCode).toBe(204);
  expect(response.headers['access-control-allow-origin']).toBe('*');
  expect(response.headers['access-control-allow-headers']).toContain('authorization');
  await text(response);
});
