import type { Browser, Page } from '@playwright/test';
import { signInState } from './sign-in-state.ts';

/** A page in a browser of its own that this person is signed in to. */
export async function openSignedIn(
  browser: Browser,
  account: { email: string; password: string },
): Promise<Page> {
  const context = await browser.newContext({ storageState: await signInState(account) });
  return context.newPage();
}
