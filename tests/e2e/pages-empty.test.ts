import { randomUUID } from 'node:crypto';
import { expect, type Page } from '@playwright/test';
import { makeOrganization, makeProject, mintProxyKey, onlyOrganizationId } from '../support/organization.ts';
import { signUpPerson } from '../support/person.ts';
import { expectPresentable } from './expect-presentable.ts';
import { slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';
import { visitPage, type Visit } from './visit-page.ts';
import { watchConsole } from './watch-console.ts';

test.describe.configure({ mode: 'parallel' });
// Pictures are taken anyway; a trace of them all takes longer than the tests.
test.use({ trace: 'off' });

const at = (visit: Visit, slug: string): Visit => ({ ...visit, path: visit.path.replace(':slug', slug) });

test.describe('where nothing has happened yet', () => {
  const visits: Visit[] = [
    { name: 'empty-overview', path: '/:slug', heading: 'Overview' },
    { name: 'empty-usage', path: '/:slug/usage', heading: 'Usage' },
    {
      name: 'empty-call',
      path: `/:slug/usage/${randomUUID()}`,
      heading: 'Usage',
      isOverlay: true,
      act: (page) => expect(page.getByRole('dialog').getByRole('alert')).toBeVisible(),
    },
    { name: 'empty-alerts', path: '/:slug/alerts', heading: 'Alerts' },
    { name: 'empty-alert-channels', path: '/:slug/alerts/channels', heading: 'Alert channels' },
    { name: 'empty-archives', path: '/:slug/archives', heading: 'Archives' },
    { name: 'empty-budgets', path: '/:slug/budgets', heading: 'Budgets and limits' },
    { name: 'empty-rate-limits', path: '/:slug/budgets/rate-limits', heading: 'Budgets and limits' },
    { name: 'empty-tasks', path: '/:slug/tasks', heading: 'Tasks' },
    {
      name: 'task-not-there',
      path: `/:slug/tasks/${randomUUID()}`,
      heading: 'Tasks',
      isOverlay: true,
      act: (page) => expect(page.getByRole('dialog').getByRole('alert')).toBeVisible(),
    },
    { name: 'empty-agents', path: '/:slug/agents', heading: 'Agents' },
    { name: 'empty-projects', path: '/:slug/projects', heading: 'Projects and keys' },
    { name: 'empty-providers', path: '/:slug/providers', heading: 'Providers' },
    {
      name: 'add-credential',
      path: '/:slug/providers',
      heading: 'Providers',
      isOverlay: true,
      act: (page) => page.getByRole('button', { name: 'Add credential' }).click(),
    },
    { name: 'empty-model-aliases', path: '/:slug/model-aliases', heading: 'Model aliases' },
    { name: 'empty-reconciliation', path: '/:slug/reconciliation', heading: 'Reconciliation' },
    { name: 'empty-statements', path: '/:slug/statements', heading: 'Statements' },
    {
      name: 'missing-statement',
      path: `/:slug/statements/${randomUUID()}`,
      heading: 'Statement',
      act: (page) => expect(page.getByText('This statement is not there.')).toBeVisible(),
    },
    { name: 'empty-reports', path: '/:slug/reports', heading: 'Reports' },
    { name: 'new-report', path: '/:slug/reports/new', heading: 'New report' },
    { name: 'report-not-there', path: `/:slug/reports/${randomUUID()}`, heading: 'Reports' },
    { name: 'empty-members', path: '/:slug/members', heading: 'Members' },
    { name: 'empty-audit-log', path: '/:slug/audit-log', heading: 'Audit log' },
    { name: 'empty-settings', path: '/:slug/settings', heading: 'Settings' },
    { name: 'empty-profile', path: '/profile', heading: 'Profile' },
    { name: 'reset-password', path: '/reset-password', heading: 'Choose a new password' },
    {
      name: 'menu',
      path: '/:slug',
      heading: 'Overview',
      isOverlay: true,
      act: async (page) => {
        await page.setViewportSize({ width: 390, height: 844 });
        await page.getByRole('button', { name: 'Open menu' }).click();
      },
    },
  ];
  for (const visit of visits) {
    test(`[PAGE3] ${visit.name} is fit to be seen, wide and narrow, light and dark`, async ({ browser }) => {
      const { person, slug } = await freshOrganization();
      await visitPage(browser, at(visit, slug), person);
    });
  }

  test('[PAGE3] empty-project is fit to be seen, wide and narrow, light and dark', async ({ browser }) => {
    const { person, slug, organizationId } = await freshOrganization();
    const projectId = await makeProject(organizationId, person, 'Support chat');
    const path = `/${slug}/projects/${projectId}`;
    await visitPage(browser, { name: 'empty-project', path, heading: 'Support chat' }, person);
  });

  test('[PAGE4] each step of onboarding is fit to be seen, wide and narrow, light and dark', async ({
    browser,
  }) => {
    const { person } = await freshOrganization();
    const page = await openSignedIn(browser, person);
    const log = watchConsole(page);
    await page.goto('/onboarding');
    await expectStep(page, 'Choose who answers', 'onboarding-1-provider');
    await page.getByRole('button', { name: 'Use the sandbox' }).click();
    await expectStep(page, 'Create a project', 'onboarding-2-project');
    await page.getByLabel('Project name').fill('Support chat');
    await page.getByRole('button', { name: 'Create project' }).click();
    await expectStep(page, 'Create a proxy key', 'onboarding-3-key');
    await page.getByRole('button', { name: 'Create key' }).click();
    await expectStep(page, 'Make the first call', 'onboarding-4-call');
    await page.reload();
    await expectStep(page, 'Make the first call', 'onboarding-4-call-resumed');
    expect(log.errors).toEqual([]);
  });
});

test.describe('for a member who may not manage', () => {
  const visits: Visit[] = [
    { name: 'member-alerts', path: '/:slug/alerts', heading: 'Alerts' },
    { name: 'member-alert-channels', path: '/:slug/alerts/channels', heading: 'Alert channels' },
    { name: 'member-budgets', path: '/:slug/budgets', heading: 'Budgets and limits' },
    { name: 'member-projects', path: '/:slug/projects', heading: 'Projects and keys' },
    { name: 'member-providers', path: '/:slug/providers', heading: 'Providers' },
    { name: 'member-model-aliases', path: '/:slug/model-aliases', heading: 'Model aliases' },
    { name: 'member-statements', path: '/:slug/statements', heading: 'Statements' },
    { name: 'member-members', path: '/:slug/members', heading: 'Members' },
    { name: 'member-audit-log', path: '/:slug/audit-log', heading: 'Audit log' },
    { name: 'member-settings', path: '/:slug/settings', heading: 'Settings' },
  ];
  for (const visit of visits) {
    test(`[PAGE5] ${visit.name} is fit to be seen, wide and narrow, light and dark`, async ({ browser }) => {
      const { organizationId, projectId, owner, member } = await makeOrganization();
      await mintProxyKey(projectId, owner);
      await visitPage(browser, at(visit, await slugOf(organizationId)), member);
    });
  }
});

async function expectStep(page: Page, heading: string, name: string): Promise<void> {
  await expect(page.getByRole('heading', { name: heading })).toBeVisible();
  await expectPresentable(page, name);
}

async function freshOrganization() {
  const person = await signUpPerson('fresh', { full_name: 'Frida Fresh', organization_name: 'Fresh Bakery' });
  const organizationId = await onlyOrganizationId(person);
  return { person, organizationId, slug: await slugOf(organizationId) };
}
