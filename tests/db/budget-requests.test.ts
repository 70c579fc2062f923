import { afterAll, beforeAll, expect, test } from 'vitest';
import { addBudget } from '../support/add-budget.ts';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import { describeCall } from './ledger-call.ts';
import { makeSpender } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';

let ledger: ProxyLedger;
let model: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ledger = openProxyLedger();
  ({ model, remove } = await makePricedModel());
});
afterAll(async () => {
  await remove();
  await ledger.close();
});

/** Whether a call of $0.20 is admitted now. */
async function isAdmitted({ proxyKey }: Caller): Promise<boolean | undefined> {
  const [reservation] = await ledger.reserve(describeCall(proxyKey, model));
  return reservation?.ok;
}

const ask = (caller: Pick<Caller, 'owner'>, budget_id: string, limit_usd: number) =>
  caller.owner.db.rpc('request_budget_increase', { budget_id, limit_usd, reason: 'The launch' });

test('[REQ1] one is granted for good: the next call passes, and it is decided once', async () => {
  const caller = await makeSpender();
  const budget = await addBudget(caller, { limit_usd: 0.1 });
  expect(await isAdmitted(caller)).toBe(false);
  expect((await ask(caller, budget, 0.1)).error?.message).toBe('limit_not_higher');
  const { data: first } = await ask(caller, budget, 0.3);
  const { data: second } = await ask(caller, budget, 0.5);
  expect(second).toBe(first);
  const decide = (is_granted: boolean) =>
    caller.owner.db.rpc('decide_budget_request', { id: second ?? '', is_granted });
  expect((await decide(true)).error).toBeNull();
  expect((await decide(false)).error?.message).toBe('already_decided');
  expect(await isAdmitted(caller)).toBe(true);
  const { data } = await caller.owner.db
    .from('budgets')
    .select('limit_usd, raised_until')
    .eq('id', budget)
    .single();
  expect(data).toEqual({ limit_usd: 0.5, raised_until: null });
});

test('[REQ2] one is granted for a time, after which the limit is what it was', async () => {
  const caller = await makeSpender();
  const budget = await addBudget(caller, { limit_usd: 0.1 });
  const { data: request } = await ask(caller, budget, 0.5);
  const past = await caller.owner.db.rpc('decide_budget_request', {
    id: request ?? '',
    is_granted: true,
    raised_until: '2020-01-01T00:00:00Z',
  });
  expect(past.error?.message).toBe('time_is_past');
  const raised_until = new Date(Date.now() + 3_600_000).toISOString();
  await caller.owner.db.rpc('decide_budget_request', { id: request ?? '', is_granted: true, raised_until });
  expect(await isAdmitted(caller)).toBe(true);
  await operatorSql()`update public.budgets set raised_until = now() where id = ${budget}`;
  await operatorSql()`select private.end_raised_budgets()`;
  expect(await isAdmitted(caller)).toBe(false);
  const { data } = await caller.owner.db
    .from('budgets')
    .select('limit_usd, raised_until, regular_limit_usd')
    .eq('id', budget)
    .single();
  expect(data).toEqual({ limit_usd: 0.1, raised_until: null, regular_limit_usd: null });
});

test('[REQ3] granting again until the same instant is still for a time, and never lowers', async () => {
  const caller = await makeSpender();
  const budget = await addBudget(caller, { limit_usd: 0.1 });
  const raised_until = new Date(Date.now() + 3_600_000).toISOString();
  const grant = async (limit_usd: number, meanwhile = async () => {}) => {
    const { data: request } = await ask(caller, budget, limit_usd);
    await meanwhile();
    const decision = { id: request ?? '', is_granted: true, raised_until };
    expect((await caller.owner.db.rpc('decide_budget_request', decision)).error).toBeNull();
    const [row] = await operatorSql()`
      select limit_usd::float8 as limit, regular_limit_usd::float8 as regular from public.budgets where id = ${budget}`;
    return { ...row };
  };
  expect(await grant(0.5)).toEqual({ limit: 0.5, regular: 0.1 });
  expect(await grant(0.7)).toEqual({ limit: 0.7, regular: 0.1 });
  const raiseByHand = async () => {
    await caller.owner.db.from('budgets').update({ limit_usd: 2 }).eq('id', budget);
  };
  expect(await grant(1, raiseByHand)).toEqual({ limit: 2, regular: 2 });
});

test('[REQ4] members ask, admins decide', async () => {
  const organization = await makeOrganization();
  const { admin, member } = organization;
  const budget = await addBudget(organization, { scope: 'agent', scope_id: 'bot', limit_usd: 1 });
  const { data: request } = await ask({ owner: member }, budget, 2);
  const decide = (person: typeof member, is_granted: boolean) =>
    person.db.rpc('decide_budget_request', { id: request ?? '', is_granted });
  expect((await decide(member, true)).error?.message).toBe('role_required');
  expect((await decide(admin, false)).error).toBeNull();
  const { data } = await member.db.from('budgets').select('limit_usd').eq('id', budget).single();
  expect(data).toEqual({ limit_usd: 1 });
});
