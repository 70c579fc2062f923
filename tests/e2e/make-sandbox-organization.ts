import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { openaiClient } from '../support/sdk.ts';

/** A fresh organization that the sandbox answers, with a project “Project” and its key “Key”. */
export async function makeSandboxOrganization(): Promise<Caller & { slug: string }> {
  const caller = await makeCaller(null);
  const { error } = await caller.owner.db.rpc('enable_sandbox', { organization_id: caller.organizationId });
  if (error) throw error;
  return { ...caller, slug: await slugOf(caller.organizationId) };
}

export async function slugOf(organizationId: string): Promise<string> {
  const [row] = await operatorSql()`select slug from public.organizations where id = ${organizationId}`;
  return String(row?.['slug']);
}

/** A short call to the sandbox: it is settled soon after. */
export async function callSandbox(proxyKey: string, model = 'gpt-5-mini'): Promise<void> {
  await openaiClient(proxyKey).chat.completions.create({
    model,
    max_tokens: 3,
    messages: [{ role: 'user', content: 'Say hello.' }],
  });
}
