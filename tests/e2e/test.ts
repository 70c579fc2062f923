import { test as base } from '@playwright/test';

/** A test that leaves no page behind: Playwright closes only what its own fixtures opened, and pages keep asking. */
export const test = base.extend<{ closedPages: undefined }>({
  closedPages: [
    async ({ browser }, use) => {
      await use(undefined);
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    { auto: true },
  ],
});
