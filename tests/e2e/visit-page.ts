import { expect, type Browser, type Page } from '@playwright/test';
import { expectPresentable } from './expect-presentable.ts';
import { signInState } from './sign-in-state.ts';
import { watchConsole } from './watch-console.ts';

export type Visit = {
  /** Names the screenshots. */
  name: string;
  path: string;
  /** The page's heading, or one of what has to be there. */
  heading: string | RegExp;
  isOverlay?: boolean;
  /** What is done there before anyone looks. */
  act?: (page: Page) => Promise<void>;
};

/** Each page is loaded once and then looked at in all its variants; it must not complain meanwhile. */
export async function visitPage(
  browser: Browser,
  visit: Visit,
  account?: { email: string; password: string },
): Promise<void> {
  const context = await browser.newContext(account ? { storageState: await signInState(account) } : {});
  try {
    const page = await context.newPage();
    const log = watchConsole(page);
    await page.goto(visit.path);
    await expect(page.getByRole('heading', { name: visit.heading }).first()).toBeVisible();
    await visit.act?.(page);
    await expectPresentable(page, visit.name, visit);
    expect(log.errors).toEqual([]);
  } finally {
    await context.close();
  }
}
