import { expect, type Page } from '@playwright/test';

/** Through the page, which then shows it. Answers its address. */
export async function createBoard(page: Page, slug: string, name: string): Promise<string> {
  await page.goto(`/${slug}/whiteboard`);
  await page.getByRole('button', { name: 'New board' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Create board' }).click();
  await expect(page.getByTestId('canvas')).toBeVisible();
  return new URL(page.url()).pathname;
}
