import { expect, type Page } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import { createBoard } from './create-board.ts';
import { expectPresentable } from './expect-presentable.ts';
import { slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

/** A stroke of the pen, from one place on the canvas to another. */
async function draw(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  const canvas = page.getByTestId('canvas');
  await canvas.click({ position: { x: 30, y: 300 } });
  await page.keyboard.press('d');
  const box = await canvas.boundingBox();
  if (box === null) throw new Error('The canvas has no place.');
  await page.mouse.move(box.x + from[0], box.y + from[1]);
  await page.mouse.down();
  await page.mouse.move(box.x + to[0], box.y + to[1], { steps: 8 });
  await page.mouse.up();
  await page.keyboard.press('Escape');
}

const strokes = (page: Page) => page.locator('.tl-shape[data-shape-type="draw"]');
const state = (page: Page, words: string) => page.getByRole('status').filter({ hasText: words });

test('[WB1] two draw on one board, one goes offline, both draw on, and in the end both see all', async ({
  browser,
}) => {
  const { organizationId, owner, member } = await makeOrganization();
  const slug = await slugOf(organizationId);
  const mine = await openSignedIn(browser, owner);
  const address = await createBoard(mine, slug, 'Roadmap');
  const theirs = await openSignedIn(browser, member);
  await theirs.goto(address);
  await expect(theirs.getByTestId('canvas')).toBeVisible();
  await expect(mine.getByText('2 here')).toBeVisible();

  await draw(mine, [200, 120], [300, 180]);
  await expect(strokes(theirs)).toHaveCount(1);
  await expect(state(mine, 'Saved')).toBeVisible();

  await theirs.context().setOffline(true);
  await draw(theirs, [200, 220], [300, 280]);
  await draw(mine, [400, 120], [500, 180]);
  await expect(strokes(mine)).toHaveCount(2);
  await expect(strokes(theirs)).toHaveCount(2);
  await expect(state(theirs, 'Offline: kept in this browser')).toBeVisible();

  await theirs.context().setOffline(false);
  await expect(strokes(theirs)).toHaveCount(3);
  await expect(strokes(mine)).toHaveCount(3);
  await expect(state(theirs, 'Saved')).toBeVisible();
  const [row] = await operatorSql()`
    select count(*)::int as strokes from public.board_records r join public.boards b on b.id = r.board_id
    where b.organization_id = ${organizationId} and r.state ->> 'type' = 'draw'`;
  expect(row?.['strokes']).toBe(3);
  await expectPresentable(mine, 'whiteboard');
});

test('[WB2] what was drawn offline outlives the tab', async ({ browser }) => {
  const { organizationId, owner } = await makeOrganization();
  const page = await openSignedIn(browser, owner);
  const address = await createBoard(page, await slugOf(organizationId), 'Kept');
  await expect(state(page, 'Saved')).toBeVisible();
  // What boards ask is gone; the page itself can be loaded again.
  await page
    .context()
    .route(/\/(?:functions\/v1\/whiteboard|rest\/v1\/rpc\/board_pull)/, (route) => route.abort());
  await draw(page, [200, 120], [300, 180]);
  await expect(state(page, 'Offline: kept in this browser')).toBeVisible();
  await page.close();
  const again = await page.context().newPage();
  await again.goto(address);
  await expect(strokes(again)).toHaveCount(1);
  await again.context().unrouteAll();
  await expect(state(again, 'Saved')).toBeVisible({ timeout: 30_000 });
  await expect(strokes(again)).toHaveCount(1);
});

test('[WB3] notes are read and written as a list, and whoever draws sees them', async ({ browser }) => {
  const { organizationId, owner, member } = await makeOrganization();
  const slug = await slugOf(organizationId);
  const drawing = await openSignedIn(browser, owner);
  const address = await createBoard(drawing, slug, 'Principles');
  const listing = await openSignedIn(browser, member);
  await listing.goto(`${address}/notes`);
  await listing.getByRole('textbox', { name: 'New note in Vision' }).fill('Be kind');
  await listing.getByRole('button', { name: 'Add note' }).click();
  const notes = listing.getByRole('list', { name: 'Notes in Vision' });
  await expect(notes).toContainText('Be kind');
  await expect(drawing.locator('.tl-shape[data-shape-type="note"]')).toContainText('Be kind');
  await notes.getByRole('button', { name: 'Edit “Be kind”' }).click();
  await notes.getByRole('textbox', { name: 'Text' }).fill('Be clear');
  await notes.getByRole('button', { name: 'Save' }).click();
  await expect(notes).toContainText('Be clear');
  await expect(drawing.locator('.tl-shape[data-shape-type="note"]')).toContainText('Be clear');
  await expectPresentable(listing, 'whiteboard-notes');

  await drawing.getByRole('button', { name: 'Actions for Principles' }).click();
  await drawing.getByRole('menuitem', { name: 'Lock for members' }).click();
  await expect(listing.getByText('This board is locked: only admins change it.')).toBeVisible();
  await expect(listing.getByRole('button', { name: 'Add note' })).toHaveCount(0);
});
