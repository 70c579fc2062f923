import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import { readReady } from '../support/ready.ts';
import { test } from './test.ts';
import { visitPage, type Visit } from './visit-page.ts';

test.describe.configure({ mode: 'parallel' });
// Pictures are taken anyway; a trace of them all takes longer than the tests.
test.use({ trace: 'off' });

test.describe('before signing in', () => {
  const visits: Visit[] = [
    { name: 'sign-in', path: '/sign-in', heading: 'Sign in' },
    { name: 'sign-up', path: '/sign-up', heading: 'Create your account' },
    { name: 'forgot-password', path: '/forgot-password', heading: 'Forgot your password?' },
    { name: 'reset-password-stale', path: '/reset-password', heading: 'This link does not hold any more' },
    {
      name: 'invitation-stale',
      path: `/invitations/${randomUUID()}`,
      heading: 'This invitation does not hold any more',
    },
    {
      name: 'forgot-password-sent',
      path: '/forgot-password',
      heading: 'Forgot your password?',
      act: async (page) => {
        await page.getByLabel('Email').fill('someone@example.com');
        await page.getByRole('button', { name: 'Send link' }).click();
        await expect(page.getByRole('heading', { name: 'Check your mailbox' })).toBeVisible();
      },
    },
  ];
  for (const visit of visits) {
    test(`[PAGE1] ${visit.name} is fit to be seen, wide and narrow, light and dark`, async ({ browser }) => {
      await visitPage(browser, visit);
    });
  }

  test('[PAGE1] invitation is fit to be seen, wide and narrow, light and dark', async ({ browser }) => {
    const { organizationId, owner } = await makeOrganization();
    const invited = { organization_id: organizationId, email: 'someone@example.com', role: 'member' };
    const { data } = await owner.db.rpc('create_invitation', invited).single();
    await visitPage(browser, { name: 'invitation', path: `/invitations/${data?.token}`, heading: /^Join / });
  });
});

test.describe('with a month of history', () => {
  const { demo } = readReady();
  const project = `/acme/projects/${demo.projectId}`;
  const visits: Visit[] = [
    { name: 'overview', path: '/acme', heading: 'Overview' },
    {
      name: 'overview-table',
      path: '/acme?by=project&days=7',
      heading: 'Overview',
      act: (page) => page.getByRole('button', { name: 'Show as table' }).click(),
    },
    { name: 'usage', path: '/acme/usage', heading: 'Usage' },
    { name: 'usage-filtered', path: '/acme/usage?status=failed&model=gpt-5-mini', heading: 'Usage' },
    {
      name: 'usage-nothing-found',
      path: '/acme/usage?from=2020-01-01&to=2020-01-02',
      heading: 'Usage',
      act: (page) => expect(page.getByText('No call matches these filters.')).toBeVisible(),
    },
    {
      name: 'usage-filter-open',
      path: '/acme/usage',
      heading: 'Usage',
      isOverlay: true,
      act: (page) =>
        page.getByRole('group', { name: 'Filters' }).getByRole('button', { name: 'Model' }).click(),
    },
    { name: 'alerts', path: '/acme/alerts?state=all', heading: 'Alerts' },
    { name: 'alert-channels', path: '/acme/alerts/channels', heading: 'Alert channels' },
    {
      name: 'add-alert-channel',
      path: '/acme/alerts/channels',
      heading: 'Alert channels',
      isOverlay: true,
      act: (page) => page.getByRole('button', { name: 'Add channel' }).click(),
    },
    { name: 'budgets', path: '/acme/budgets', heading: 'Budgets and limits' },
    { name: 'rate-limits', path: '/acme/budgets/rate-limits', heading: 'Budgets and limits' },
    {
      name: 'rate-limit',
      path: '/acme/budgets/rate-limits',
      heading: 'Budgets and limits',
      isOverlay: true,
      act: async (page) => {
        await page.getByRole('button', { name: 'Actions for the rate limit of Acme Robotics' }).click();
        await page.getByRole('menuitem', { name: 'Change limit' }).click();
      },
    },
    { name: 'tasks', path: '/acme/tasks', heading: 'Tasks' },
    { name: 'tasks-board', path: '/acme/tasks?layout=board', heading: 'Tasks' },
    { name: 'agents', path: '/acme/agents', heading: 'Agents' },
    { name: 'projects', path: '/acme/projects', heading: 'Projects and keys' },
    { name: 'project', path: project, heading: 'Support assistant' },
    {
      name: 'create-key',
      path: project,
      heading: 'Support assistant',
      isOverlay: true,
      act: (page) => page.getByRole('button', { name: 'Create key' }).click(),
    },
    { name: 'prices', path: '/acme/prices', heading: 'Prices' },
    { name: 'providers', path: '/acme/providers', heading: 'Providers' },
    { name: 'model-aliases', path: '/acme/model-aliases', heading: 'Model aliases' },
    {
      name: 'create-alias',
      path: '/acme/model-aliases',
      heading: 'Model aliases',
      isOverlay: true,
      act: async (page) => {
        await page.getByRole('button', { name: 'Create alias' }).click();
        await page.getByRole('combobox', { name: 'Add a model' }).click();
      },
    },
    { name: 'reports', path: '/acme/reports', heading: 'Reports' },
    {
      name: 'ready-made-report',
      path: '/acme/reports/spend-by-day',
      heading: 'Spend by day and model',
      act: async (page) => {
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await expect(page.getByRole('figure', { name: /^Chart of/ })).toBeVisible();
        await page.getByRole('button', { name: 'model_costs' }).click();
      },
    },
    {
      name: 'report-lines',
      path: '/acme/reports/errors',
      heading: 'Errors by day and model',
      act: async (page) => {
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await expect(page.getByRole('figure', { name: /^Chart of/ })).toBeVisible();
      },
    },
    { name: 'members', path: '/acme/members', heading: 'Members' },
    {
      name: 'invite',
      path: '/acme/members',
      heading: 'Members',
      isOverlay: true,
      act: (page) => page.getByRole('button', { name: 'Invite' }).click(),
    },
    { name: 'audit-log', path: '/acme/audit-log', heading: 'Audit log' },
    {
      name: 'audit-entry',
      path: '/acme/audit-log',
      heading: 'Audit log',
      isOverlay: true,
      act: (page) => page.getByLabel('Audit log').getByRole('link').first().click(),
    },
    { name: 'settings', path: '/acme/settings', heading: 'Settings' },
    {
      name: 'delete-organization',
      path: '/acme/settings',
      heading: 'Settings',
      isOverlay: true,
      act: (page) => page.getByRole('button', { name: 'Delete organization' }).click(),
    },
    { name: 'profile', path: '/profile', heading: 'Profile' },
    { name: 'new-organization', path: '/new-organization', heading: 'New organization' },
    { name: 'page-not-found', path: '/acme/nothing-here', heading: 'There is nothing at this address' },
    { name: 'organization-not-found', path: '/elsewhere', heading: 'There is nothing at this address' },
    {
      name: 'commands',
      path: '/acme',
      heading: 'Overview',
      isOverlay: true,
      act: (page) => page.keyboard.press('ControlOrMeta+k'),
    },
  ];
  for (const visit of visits) {
    test(`[PAGE2] ${visit.name} is fit to be seen, wide and narrow, light and dark`, async ({ browser }) => {
      await visitPage(browser, visit, demo);
    });
  }

  for (const status of ['succeeded', 'failed'] as const) {
    test(`[PAGE2] a call that ${status} is fit to be seen, wide and narrow, light and dark`, async ({
      browser,
    }) => {
      const [call] = await operatorSql()`
        select id from public.ai_usage where organization_id = ${demo.organizationId} and status = ${status}
        order by cache_read_tokens desc limit 1`;
      const path = `/acme/usage/${String(call?.['id'])}`;
      const visit = { name: `call-${status}`, path, heading: 'Attribution', isOverlay: true };
      await visitPage(browser, visit, demo);
    });
  }
});
