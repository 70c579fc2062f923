import type { Locator, Page } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { makeAgent } from '../support/make-agent.ts';
import { makeOrganization, type Organization } from '../support/organization.ts';
import { storeProviderKey } from '../support/provider-key.ts';
import { sayScript, toolScript } from '../support/task-answers.ts';
import { playScripts, readUpstreamUrl } from '../support/upstream-client.ts';
import { slugOf } from './make-sandbox-organization.ts';

export type OfficeOrganization = Organization & { slug: string; nora: string };

/** Three people with names, and Nora, whose model first looks around and then says these words, a piece at a time. */
export async function makeOffice({ pieces = ['Done.'], waitMs = 1 } = {}): Promise<OfficeOrganization> {
  const organization = await makeOrganization();
  const { organizationId, owner, admin, member } = organization;
  const named = { 'Olga Owner': owner, 'Adam Admin': admin, 'Mira Member': member };
  for (const [name, { userId }] of Object.entries(named)) {
    await operatorSql()`update public.profiles set full_name = ${name} where user_id = ${userId}`;
  }
  const key = await storeProviderKey(organizationId, owner, 'openai');
  await playScripts(readUpstreamUrl(), key, toolScript('read_tasks', {}), sayScript(pieces, waitMs));
  const nora = await makeAgent(organization, { name: 'Nora' });
  return { ...organization, slug: await slugOf(organizationId), nora };
}

/** An agent's or a person's figure on the floor plan. */
export const figureOf = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: 'Floor plan' }).getByRole('img', { name: new RegExp(`^${name}\\b`) });

/** Their line in the list beside it. */
export const lineOf = (page: Page, list: 'Agents' | 'People', name: string): Locator =>
  page.getByRole('list', { name: list }).getByRole('listitem').filter({ hasText: name });

/** Where a figure is drawn. */
export const placeOf = (figure: Locator): Promise<string | null> => figure.getAttribute('transform');
