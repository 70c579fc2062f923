import { expect, type Page } from '@playwright/test';
import { askBoards } from '../support/board-client.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, setPlan } from '../support/organization.ts';
import { createBoard, notesOf } from './create-board.ts';
import { drawStroke, saveState, strokesOf } from './draw-stroke.ts';
import { expectPresentable } from './expect-presentable.ts';
import { slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

const soon = { timeout: 30_000 };
const boardIdOf = (address: string): string => address.split('/').at(-1) ?? '';
const alertOf = (page: Page, words: string) => page.getByRole('alert').filter({ hasText: words });

/** What a newer page of a colleague does to a board, by so many versions. */
async function moveSchema(boardId: string, by: number): Promise<void> {
  await operatorSql()`update public.boards set schema_version = schema_version + ${by} where id = ${boardId}`;
}

async function countStrokes(boardId: string): Promise<number> {
  const [row] = await operatorSql()`
    select count(*)::int as strokes from public.board_records
    where board_id = ${boardId} and state ->> 'type' = 'draw'`;
  return Number(row?.['strokes']);
}

type Pasted = { text: string } | { png: string };

/** As from the clipboard, which a test cannot fill with files. */
async function paste(page: Page, pasted: Pasted): Promise<void> {
  await page.getByTestId('canvas').click({ position: { x: 30, y: 300 } });
  await page.evaluate((what) => {
    const clipboardData = new DataTransfer();
    if ('text' in what) clipboardData.setData('text/plain', what.text);
    else {
      const bytes = Uint8Array.from(atob(what.png), (each) => each.charCodeAt(0));
      clipboardData.items.add(new File([bytes], 'dot.png', { type: 'image/png' }));
    }
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }, pasted);
}

/** A single dot. */
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

test('[WB9] a page that is older than its board says so, keeps what is not saved, and saves it when it is reloaded', async ({
  browser,
}) => {
  const { organizationId, owner } = await makeOrganization();
  const page = await openSignedIn(browser, owner);
  const boardId = boardIdOf(await createBoard(page, await slugOf(organizationId), 'Moved on'));
  await drawStroke(page, [200, 120], [300, 180]);
  await expect(saveState(page, 'Saved')).toBeVisible();

  await moveSchema(boardId, 1);
  await drawStroke(page, [200, 220], [300, 280]);
  const banner = alertOf(page, 'This page is older than the board');
  await expect(banner).toContainText('What is not saved yet stays in this browser.');
  await expect(saveState(page, 'Saving')).toBeVisible();
  await expect(strokesOf(page)).toHaveCount(2);
  expect(await countStrokes(boardId)).toBe(1);
  await expectPresentable(page, 'whiteboard-outdated');

  // Still the old page: it is there again, and so is what it could not save.
  await banner.getByRole('button', { name: 'Reload' }).click();
  await expect(strokesOf(page)).toHaveCount(2, soon);
  await expect(banner).toBeVisible();
  expect(await countStrokes(boardId)).toBe(1);

  // As the page would be after an update of the installation: of the board's version.
  await moveSchema(boardId, -1);
  await banner.getByRole('button', { name: 'Reload' }).click();
  await expect(saveState(page, 'Saved')).toBeVisible(soon);
  await expect(banner).toBeHidden();
  await expect(strokesOf(page)).toHaveCount(2);
  expect(await countStrokes(boardId)).toBe(2);
});

test('[WB10] whoever is no member any more is told that the board is not there', async ({ browser }) => {
  const { organizationId, owner, member } = await makeOrganization();
  const page = await openSignedIn(browser, member);
  const boardId = boardIdOf(await createBoard(page, await slugOf(organizationId), 'Ours'));
  await expect(saveState(page, 'Saved')).toBeVisible();
  const removed = await owner.db.rpc('remove_member', {
    organization_id: organizationId,
    user_id: member.userId,
  });
  expect(removed.error).toBeNull();
  await drawStroke(page, [200, 120], [300, 180]);
  await expect(alertOf(page, 'This board is not there any more')).toContainText('you are no member');
  expect(await countStrokes(boardId)).toBe(0);
});

test('[WB11] a locked board can be looked at: members cannot draw, and what they had drawn is taken back with the reason', async ({
  browser,
}) => {
  const { organizationId, owner, member } = await makeOrganization();
  const page = await openSignedIn(browser, member);
  const boardId = boardIdOf(await createBoard(page, await slugOf(organizationId), 'Rules'));
  await expect(saveState(page, 'Saved')).toBeVisible();
  await page.route(/\/functions\/v1\/whiteboard\/push/, (route) => route.abort());
  await drawStroke(page, [200, 120], [300, 180]);
  await expect(strokesOf(page)).toHaveCount(1);
  await owner.db.from('boards').update({ is_locked: true }).eq('id', boardId).throwOnError();
  await page.unrouteAll();
  await expect(page.getByText('Locked: you can look')).toBeVisible();
  // Once for each part in which it was sent.
  await expect(page.getByText('An admin has locked the board: only admins change it.').first()).toBeVisible(
    soon,
  );
  await expect(strokesOf(page)).toHaveCount(0);
  await expect(saveState(page, 'Saved')).toBeVisible();
  await drawStroke(page, [200, 220], [300, 280]);
  await expect(strokesOf(page)).toHaveCount(0);
  expect(await countStrokes(boardId)).toBe(0);
});

test('[WB12] what is too large is taken back with the reason, and the rest stays', async ({ browser }) => {
  const { organizationId, owner } = await makeOrganization();
  const page = await openSignedIn(browser, owner);
  const boardId = boardIdOf(await createBoard(page, await slugOf(organizationId), 'Long'));
  await drawStroke(page, [200, 120], [300, 180]);
  await paste(page, { text: 'too long '.repeat(32_000) });
  await expect(page.getByText('A single thing on a board has 256 KB at most.')).toBeVisible(soon);
  await expect(page.locator('.tl-shape[data-shape-type="text"]')).toHaveCount(0);
  await expect(saveState(page, 'Saved')).toBeVisible();
  await expect(strokesOf(page)).toHaveCount(1);
  expect(await countStrokes(boardId)).toBe(1);
});

test('[WB13] Free has one board without images, and says so', async ({ browser }) => {
  const { organizationId, owner } = await makeOrganization();
  await setPlan(organizationId, 'free');
  const page = await openSignedIn(browser, owner);
  const slug = await slugOf(organizationId);
  const boardId = boardIdOf(await createBoard(page, slug, 'Only one'));
  await paste(page, { png });
  await expect(alertOf(page, 'The Free plan has no images on boards.')).toBeVisible();
  await expect(page.locator('.tl-shape[data-shape-type="image"]')).toHaveCount(0);
  await askBoards(owner, '/notes', { boardId, tab: 'Vision', text: 'Words are fine', color: 'yellow' });
  await expect(notesOf(page)).toContainText('Words are fine');

  await page.goto(`/${slug}/whiteboard`);
  await page.getByRole('button', { name: 'New board' }).click();
  const dialog = page.getByRole('dialog', { name: 'New board' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Another');
  await dialog.getByRole('button', { name: 'Create board' }).click();
  await expect(dialog.getByRole('alert')).toContainText('The Free plan has room for 1 board.');
});
