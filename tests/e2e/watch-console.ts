import type { Page } from '@playwright/test';

/** Collects what the page complains about: errors in its console and exceptions that nobody caught. */
export function watchConsole(page: Page): { errors: string[] } {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  return { errors };
}
