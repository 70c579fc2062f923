import { expect } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import { createBoard } from './create-board.ts';
import { drawStroke, saveState, strokesOf } from './draw-stroke.ts';
import { expectPresentable } from './expect-presentable.ts';
import { slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

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

  await drawStroke(mine, [200, 120], [300, 180]);
  await expect(strokesOf(theirs)).toHaveCount(1);
  await expect(saveState(mine, 'Saved')).toBeVisible();

  await theirs.context().setOffline(true);
  await drawStroke(theirs, [200, 220], [300, 280]);
  await drawStroke(mine, [400, 120], [500, 180]);
  await expect(strokesOf(mine)).toHaveCount(2);
  await expect(strokesOf(theirs)).toHaveCount(2);
  await expect(saveState(theirs, 'Offline: kept in this browser')).toBeVisible();

  await theirs.context().setOffline(false);
  await expect(strokesOf(theirs)).toHaveCount(3);
  await expect(strokesOf(mine)).toHaveCount(3);
  await expect(saveState(theirs, 'Saved')).toBeVisible();
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
  await expect(saveState(page, 'Saved')).toBeVisible();
  // What boards ask is gone; the page itself can be loaded again.
  await page
    .context()
    .route(/\/(?:functions\/v1\/whiteboard|rest\/v1\/rpc\/board_pull)/, (route) => route.abort());
  await drawStroke(page, [200, 120], [300, 180]);
  await expect(saveState(page, 'Offline: kept in this browser')).toBeVisible();
  await page.close();
  const again = await page.context().newPage();
  await again.goto(address);
  await expect(strokesOf(again)).toHaveCount(1);
  await again.context().unrouteAll();
  // As long as an attempt may take, and the wait for the next.
  await expect(saveState(again, 'Saved')).toBeVisible({ timeout: 45_000 });
  await expect(strokesOf(again)).toHaveCount(1);
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
