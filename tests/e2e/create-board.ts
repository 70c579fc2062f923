import { expect, type Locator, type Page } from '@playwright/test';
import { askBoards } from '../support/board-client.ts';

/** Through the page, which then shows it. Answers its address. */
export async function createBoard(page: Page, slug: string, name: string): Promise<string> {
  await page.goto(`/${slug}/whiteboard`);
  await page.getByRole('button', { name: 'New board' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Create board' }).click();
  await expect(page.getByTestId('canvas')).toBeVisible();
  return new URL(page.url()).pathname;
}

export const notesOf = (page: Page): Locator => page.locator('.tl-shape[data-shape-type="note"]');

/** One with a note in its first tab, which the page shows. */
export async function createNoteBoard(
  page: Page,
  slug: string,
  person: { accessToken: string },
  text: string,
): Promise<{ address: string; boardId: string; noteId: string }> {
  const address = await createBoard(page, slug, 'Roadmap');
  const boardId = address.split('/').at(-1) ?? '';
  const added = await askBoards(person, '/notes', { boardId, tab: 'Vision', text, color: 'yellow' });
  await expect(notesOf(page)).toContainText(text);
  return { address, boardId, noteId: added.data.noteId };
}
