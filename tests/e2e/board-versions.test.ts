import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import { askBoards } from '../support/board-client.ts';
import { makeOrganization, setPlan } from '../support/organization.ts';
import { createNoteBoard, notesOf } from './create-board.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

/** In whichever order: shapes of one index stand in the order of their ids. */
async function expectNotes(page: Page, texts: readonly string[]): Promise<void> {
  for (const text of texts) await expect(notesOf(page).filter({ hasText: text })).toHaveCount(1);
  await expect(notesOf(page)).toHaveCount(texts.length);
}

test('[WB4] a version is kept, the board changes, and restoring it brings it back for all; undo takes that back', async ({
  browser,
}) => {
  const { organizationId, owner, member } = await makeOrganization();
  const slug = await slugOf(organizationId);
  const mine = await openSignedIn(browser, owner);
  const { address, boardId, noteId } = await createNoteBoard(mine, slug, owner, 'Be kind');
  const theirs = await openSignedIn(browser, member);
  await theirs.goto(address);
  await expect(notesOf(theirs)).toContainText('Be kind');

  await mine.getByRole('button', { name: 'Versions' }).click();
  const drawer = mine.getByRole('dialog', { name: 'Versions' });
  await drawer.getByRole('textbox', { name: 'Keep the board as it is now' }).fill('Before the workshop');
  await drawer.getByRole('button', { name: 'Save version' }).click();
  const version = drawer.getByRole('list', { name: 'Versions' }).getByRole('listitem');
  await expect(version).toContainText('Before the workshop');
  await expectPresentable(mine, 'whiteboard-versions', { isOverlay: true });
  await mine.setViewportSize(wide);

  await askBoards(member, '/notes', { boardId, noteId, text: 'Be quick' }, 'PATCH');
  await askBoards(member, '/notes', { boardId, tab: 'Vision', text: 'And loud', color: 'red' });
  await expectNotes(mine, ['Be quick', 'And loud']);
  await expectNotes(theirs, ['Be quick', 'And loud']);

  await version.getByRole('button', { name: 'Restore' }).click();
  await expect(mine.getByText('The board is as in “Before the workshop” again.')).toBeVisible();
  await expectNotes(mine, ['Be kind']);
  await expectNotes(theirs, ['Be kind']);
  await drawer.getByRole('button', { name: 'Close' }).click();
  await expect(drawer).toBeHidden();
  await mine.getByTestId('canvas').click({ position: { x: 30, y: 300 } });
  await mine.keyboard.press('Control+z');
  await expectNotes(theirs, ['Be quick', 'And loud']);
});

test('[WB5] Enterprise downloads a board as records and as pictures; Free is told what its plan has', async ({
  browser,
}) => {
  const { organizationId, owner } = await makeOrganization();
  const page = await openSignedIn(browser, owner);
  await createNoteBoard(page, await slugOf(organizationId), owner, 'Be kind');
  const take = async (item: string) => {
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const download = async (item: string) => {
    const [file] = await Promise.all([page.waitForEvent('download'), take(item)]);
    return { name: file.suggestedFilename(), content: await readFile(await file.path()) };
  };
  const whole = await download('Whole board as JSON');
  expect(whole.name).toBe('Roadmap.json');
  expect(JSON.parse(whole.content.toString('utf8'))).toMatchObject({
    name: 'Roadmap',
    records: expect.arrayContaining([expect.objectContaining({ typeName: 'shape', type: 'note' })]),
  });
  const drawing = await download('This page as SVG');
  expect([drawing.name, drawing.content.toString('utf8')]).toEqual([
    'Roadmap.svg',
    expect.stringContaining('Be kind'),
  ]);
  const picture = await download('This page as PNG');
  expect(picture.content.subarray(1, 4).toString('latin1')).toBe('PNG');

  await setPlan(organizationId, 'free');
  await take('Whole board as JSON');
  await expect(page.getByRole('alert').filter({ hasText: 'The Free plan' })).toBeVisible();
  await page.getByRole('button', { name: 'Versions' }).click();
  const drawer = page.getByRole('dialog', { name: 'Versions' });
  await drawer.getByRole('textbox', { name: 'Keep the board as it is now' }).fill('Before');
  await drawer.getByRole('button', { name: 'Save version' }).click();
  await expect(drawer).toContainText('The Free plan');
  await expect(drawer).toContainText('Nobody has kept a version yet.');
});
