import { expect, test } from 'vitest';
import { sendOnce } from './send-once.ts';

const body = new TextEncoder().encode('{"model":"gpt-4o-mini"}');

async function sentBody(denoVersion: string): Promise<RequestInit['body']> {
  let sent: RequestInit['body'];
  const send = sendOnce((_, init) => {
    sent = init.body;
    return Promise.resolve(new Response());
  }, denoVersion);
  await send('https://provider.example', { method: 'POST', body });
  return sent;
}

test.each(['2.1.4', '2.6.10', '1.46.3'])(
  '[ONCE1] Deno %s repeats nothing and gets the bytes',
  async (version) => {
    expect(await sentBody(version)).toBe(body);
  },
);

test.each(['2.7.0', '2.9.6', '3.0.0'])(
  '[ONCE2] Deno %s gets what it cannot read twice, whole',
  async (version) => {
    const sent = await sentBody(version);
    expect(sent).toBeInstanceOf(ReadableStream);
    expect(await new Response(sent ?? null).text()).toBe(new TextDecoder().decode(body));
  },
);
