import { randomUUID } from 'node:crypto';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, makeProject, mintProxyKey, onlyOrganizationId } from '../support/organization.ts';
import { signUpPerson } from '../support/person.ts';
import { readReady } from '../support/ready.ts';
import { expectPresentable } from './expect-presentable.ts';
import { signInState, type SignInState } from './sign-in-state.ts';
import { watchConsole } from './watch-console.ts';

type Visit = {
  name: string;
  path: string;
  /** The page's first heading, or what stands in its place. */
  heading: string | RegExp;
  isOverlay?: boolean;
  /** What is done there before anyone looks. */
  act?: (page: Page) => Promise<void>;
};

/** Each page is loaded once and then looked at in all its variants; it must not complain meanwhile. */
async function visit(browser: Browser, look: Visit, storageState?: SignInState): Promise<void> {
  const context = await browser.newContext(storageState ? { storageState } : {});
  try {
    const page = await context.newPage();
    const log = watchConsole(page);
    await page.goto(look.path);
    await expect(page.getByRole('heading', { name: look.heading }).first()).toBeVisible();
    await look.act?.(page);
    await expectPresentable(page, look.name, look);
    expect(log.errors).toEqual([]);
  } finally {
    await context.close();
  }
}

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
        await page.getByLabel('Email').fill(`${randomUUID()}@example.com`);
        await page.getByRole('button', { name: 'Send link' }).click();
        await expect(page.getByRole('heading', { name: 'Check your mailbox' })).toBeVisible();
      },
    },
  ];
  for (const look of visits) {
    test(`[PAGE1] ${look.name} is fit to be seen, wide and narrow, light and dark`, async ({ browser }) => {
      await visit(browser, look);
    });
  }

  test('[PAGE1] an invitation is fit to be seen', async ({ browser }) => {
    const { organizationId, owner } = await makeOrganization();
    const invited = `invited-${randomUUID()}@example.com`;
    const { data } = await owner.db
      .rpc('create_invitation', { organization_id: organizationId, email: invited, role: 'member' })
      .single();
    await visit(browser, { name: 'invitation', path: `/invitations/${data?.token}`, heading: /^Join / });
  });
});

test.describe('with a month of history', () => {
  const { demo } = readReady();
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
    { name: 'projects', path: '/acme/projects', heading: 'Projects and keys' },
    { name: 'project', path: `/acme/projects/${demo.projectId}`, heading: 'Support assistant' },
    {
      name: 'create-key',
      path: `/acme/projects/${demo.projectId}`,
      heading: 'Support assistant',
      isOverlay: true,
      act: (page) => page.getByRole('button', { name: 'Create key' }).click(),
    },
    { name: 'providers', path: '/acme/providers', heading: 'Providers' },
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
    {
      name: 'organization-not-found',
      path: '/no-such-organization',
      heading: 'There is nothing at this address',
    },
    { name: 'page-not-found', path: '/acme/nothing-here', heading: 'There is nothing at this address' },
    {
      name: 'commands',
      path: '/acme',
      heading: 'Overview',
      isOverlay: true,
      act: (page) => page.keyboard.press('ControlOrMeta+k'),
    },
  ];
  for (const look of visits) {
    test(`[PAGE2] ${look.name} is fit to be seen, wide and narrow, light and dark`, async ({ browser }) => {
      await visit(browser, look, await signInState(demo));
    });
  }

  for (const status of ['succeeded', 'failed'] as const) {
    test(`[PAGE2] the drawer of a call that ${status} is fit to be seen`, async ({ browser }) => {
      const [call] = await operatorSql()`
        select id from public.ai_usage where organization_id = ${demo.organizationId} and status = ${status}
        order by cache_read_tokens desc limit 1`;
      const path = `/acme/usage/${String(call?.['id'])}`;
      const look = { name: `call-${status}`, path, heading: 'Attribution', isOverlay: true };
      await visit(browser, look, await signInState(demo));
    });
  }
});

test.describe('in an organization where nothing has happened', () => {
  const visits: Visit[] = [
    { name: 'empty-overview', path: '', heading: 'Overview' },
    { name: 'empty-usage', path: '/usage', heading: 'Usage' },
    { name: 'empty-projects', path: '/projects', heading: 'Projects and keys' },
    { name: 'empty-providers', path: '/providers', heading: 'Providers' },
    { name: 'empty-members', path: '/members', heading: 'Members' },
    { name: 'empty-audit-log', path: '/audit-log', heading: 'Audit log' },
    { name: 'empty-settings', path: '/settings', heading: 'Settings' },
    {
      name: 'call-missing',
      path: `/usage/${randomUUID()}`,
      heading: 'Usage',
      isOverlay: true,
      act: (page) => expect(page.getByRole('dialog').getByRole('alert')).toBeVisible(),
    },
    {
      name: 'empty-menu',
      path: '',
      heading: 'Overview',
      isOverlay: true,
      act: async (page) => {
        await page.setViewportSize({ width: 390, height: 844 });
        await page.getByRole('button', { name: 'Open menu' }).click();
      },
    },
  ];
  for (const look of visits) {
    test(`[PAGE3] ${look.name} is fit to be seen, wide and narrow, light and dark`, async ({ browser }) => {
      const { person, slug } = await freshOrganization();
      await visit(browser, { ...look, path: `/${slug}${look.path}` }, await signInState(person));
    });
  }

  test('[PAGE3] a project without keys is fit to be seen', async ({ browser }) => {
    const { person, slug, organizationId } = await freshOrganization();
    const projectId = await makeProject(organizationId, person, 'Support chat');
    const look = { name: 'empty-project', path: `/${slug}/projects/${projectId}`, heading: 'Support chat' };
    await visit(browser, look, await signInState(person));
  });

  test('[PAGE3] choosing a new password is fit to be seen', async ({ browser }) => {
    const { person } = await freshOrganization();
    const look = { name: 'reset-password', path: '/reset-password', heading: 'Choose a new password' };
    await visit(browser, look, await signInState(person));
  });

  test('[PAGE4] each step of onboarding is fit to be seen', async ({ browser }) => {
    const { person } = await freshOrganization();
    const context = await browser.newContext({ storageState: await signInState(person) });
    const page = await context.newPage();
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
    await context.close();
  });
});

test.describe('as a member who may not manage', () => {
  const visits: Visit[] = [
    { name: 'member-projects', path: '/projects', heading: 'Projects and keys' },
    { name: 'member-providers', path: '/providers', heading: 'Providers' },
    { name: 'member-members', path: '/members', heading: 'Members' },
    { name: 'member-audit-log', path: '/audit-log', heading: 'Audit log' },
    { name: 'member-settings', path: '/settings', heading: 'Settings' },
  ];
  for (const look of visits) {
    test(`[PAGE5] ${look.name} is fit to be seen, wide and narrow, light and dark`, async ({ browser }) => {
      const { organizationId, projectId, owner, member } = await makeOrganization();
      await mintProxyKey(projectId, owner);
      const slug = await slugOf(organizationId);
      await visit(browser, { ...look, path: `/${slug}${look.path}` }, await signInState(member));
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

async function slugOf(organizationId: string): Promise<string> {
  const [row] = await operatorSql()`select slug from public.organizations where id = ${organizationId}`;
  return String(row?.['slug']);
}
