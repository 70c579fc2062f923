import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { cleanUp, eventually, startFixture } from './fixture-stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startFixture();
}, 120_000);
afterAll(cleanUp, 60_000);

const newClient = () => createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } });

async function signUp(email: string) {
  const client = newClient();
  const { data, error } = await client.auth.signUp({ email, password: 'first-password' });
  expect(error).toBeNull();
  return { client, userId: data.user?.id };
}

type Mail = { subject: string; text: string; to: { address: string }[]; from: { address: string }[] };

async function mailTo(address: string): Promise<Mail> {
  const mails = await eventually(
    async (): Promise<Mail[]> => (await fetch(`${stack.mailApiUrl}/email`)).json(),
    (all) => all.some((mail) => mail.to[0]?.address === address),
  );
  const mail = mails.find((one) => one.to[0]?.address === address);
  if (!mail) throw new Error('No mail came.');
  return mail;
}

test('[AUT1] signing up runs the triggers of the migrations, and policies know who asks', async () => {
  const { client, userId } = await signUp('ann@example.test');
  const { data: notes } = await client.from('notes').select('user_id, body');
  expect(notes).toEqual([{ user_id: userId, body: 'welcome ann@example.test' }]);
  await signUp('ben@example.test');
  expect((await client.from('notes').select('body')).data).toHaveLength(1);
});

test('[AUT2] auth.uid(), email(), role() and jwt() read the token', async () => {
  const { client, userId } = await signUp('eve@example.test');
  const { data } = await client.rpc('who_am_i');
  expect(data).toMatchObject({
    uid: userId,
    email: 'eve@example.test',
    role: 'authenticated',
    claims: { sub: userId, role: 'authenticated' },
  });
});

test('[AUT3] a forgotten password: the mail arrives, its link leads to the page that asked, the new one works', async () => {
  await signUp('kim@example.test');
  const redirectTo = `${stack.url}/reset-password`;
  const { error } = await newClient().auth.resetPasswordForEmail('kim@example.test', { redirectTo });
  expect(error).toBeNull();

  const link = /http:\S+/.exec((await mailTo('kim@example.test')).text)?.[0] ?? '';
  const opened = await fetch(link, { redirect: 'manual' });
  expect(opened.status).toBe(303);
  const target = new URL(opened.headers.get('location') ?? '');
  expect(target.origin + target.pathname).toBe(redirectTo);
  const session = new URLSearchParams(target.hash.slice(1));
  expect(session.get('type')).toBe('recovery');

  const client = newClient();
  await client.auth.setSession({
    access_token: session.get('access_token') ?? '',
    refresh_token: session.get('refresh_token') ?? '',
  });
  expect((await client.auth.updateUser({ password: 'second-password' })).error).toBeNull();
  const signIn = (password: string) =>
    newClient().auth.signInWithPassword({ email: 'kim@example.test', password });
  expect((await signIn('first-password')).error?.code).toBe('invalid_credentials');
  expect((await signIn('second-password')).data.user?.email).toBe('kim@example.test');
});

test('[AUT4] a link that would lead to a foreign site leads home', async () => {
  await signUp('lee@example.test');
  await newClient().auth.resetPasswordForEmail('lee@example.test', { redirectTo: 'https://evil.test/steal' });
  const link = /http:\S+/.exec((await mailTo('lee@example.test')).text)?.[0] ?? '';
  const opened = await fetch(link, { redirect: 'manual' });
  expect(new URL(opened.headers.get('location') ?? '').origin).toBe(stack.url);
});

test('[AUT5] a magic link and its code arrive by mail, and the code signs in', async () => {
  const client = newClient();
  const { error } = await client.auth.signInWithOtp({ email: 'max@example.test' });
  expect(error).toBeNull();
  const token = /\b\d{6}\b/.exec((await mailTo('max@example.test')).text)?.[0] ?? '';
  const { data } = await client.auth.verifyOtp({ email: 'max@example.test', token, type: 'email' });
  expect(data.user?.email).toBe('max@example.test');
});

test('[AUT6] no client reads schema auth', async () => {
  const { data, error } = await newClient().schema('auth').from('users').select('*');
  expect(data).toBeNull();
  expect(error?.code).toBe('PGRST106');
});
