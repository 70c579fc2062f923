import { expect, type Page } from '@playwright/test';
import { makeAgent } from '../support/make-agent.ts';
import { addMember } from '../support/organization.ts';
import { createNoteBoard, notesOf } from './create-board.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { makeSandboxOrganization } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

/** Priced, and answered by the sandbox. */
const model = 'gpt-4o-mini';
const soon = { timeout: 30_000 };

const arrowsOf = (page: Page) => page.locator('.tl-shape[data-shape-type="arrow"]');

/** Where the first note of a tab is. */
const clickFirstNote = (page: Page) => page.getByTestId('canvas').click({ position: { x: 100, y: 130 } });

test('[WB6] a note becomes an agent’s task, and its result a note beside it, which all see', async ({
  browser,
}) => {
  const organization = await makeSandboxOrganization();
  const { organizationId, owner, slug } = organization;
  await makeAgent(organization, { name: 'Ada', model });
  const member = await addMember(organizationId, owner);
  const drawing = await openSignedIn(browser, owner);
  const { address } = await createNoteBoard(drawing, slug, owner, 'Write a haiku about budgets');
  const theirs = await openSignedIn(browser, member);
  await theirs.goto(address);
  await expect(notesOf(theirs)).toHaveCount(1);

  await clickFirstNote(drawing);
  await drawing.getByRole('button', { name: 'Make a task of it' }).click();
  const dialog = drawing.getByRole('dialog', { name: 'Make a task of this note' });
  await expect(dialog.getByRole('textbox', { name: 'Task' })).toHaveValue('Write a haiku about budgets');
  await dialog.getByRole('combobox', { name: 'Agent' }).click();
  await drawing.getByRole('option', { name: 'Ada' }).click();
  await expectPresentable(drawing, 'note-task', { isOverlay: true });
  await drawing.setViewportSize(wide);
  await dialog.getByRole('button', { name: 'Assign task' }).click();
  await expect(dialog).toBeHidden();
  for (const page of [drawing, theirs]) {
    await expect(notesOf(page)).toHaveCount(2, soon);
    await expect(notesOf(page).filter({ hasText: 'Ada:' })).toHaveCount(1);
    await expect(arrowsOf(page)).toHaveCount(1);
  }
  await clickFirstNote(drawing);
  await expect(drawing.getByRole('link', { name: 'Task: Write a haiku about budgets' })).toBeVisible();
  await expectPresentable(drawing, 'whiteboard-result');

  // The arrow follows the note, and outlives it.
  await drawing.setViewportSize(wide);
  const before = await arrowsOf(theirs).innerHTML();
  const note = await notesOf(drawing).filter({ hasNotText: 'Ada:' }).boundingBox();
  if (note === null) throw new Error('The note has no place.');
  await drawing.mouse.move(note.x + 100, note.y + 150);
  await drawing.mouse.down();
  await drawing.mouse.move(note.x + 100, note.y + 350, { steps: 5 });
  await drawing.mouse.up();
  await expect.poll(() => arrowsOf(theirs).innerHTML(), soon).not.toBe(before);
  await drawing.keyboard.press('Delete');
  for (const page of [drawing, theirs]) {
    await expect(notesOf(page)).toHaveCount(1);
    await expect(arrowsOf(page)).toHaveCount(1);
    await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  }
});

test('[WB7] from the list of notes, too, a task is made, and the list says how far it is', async ({
  browser,
}) => {
  const organization = await makeSandboxOrganization();
  const { owner, slug } = organization;
  await makeAgent(organization, { name: 'Ada', model });
  const page = await openSignedIn(browser, owner);
  const { address } = await createNoteBoard(page, slug, owner, 'Count to ten');
  await page.goto(`${address}/notes`);
  const notes = page.getByRole('list', { name: 'Notes in Vision' });
  await notes.getByRole('button', { name: 'Make a task of “Count to ten”' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make a task of this note' });
  await dialog.getByRole('textbox', { name: 'Task' }).fill('');
  await dialog.getByRole('button', { name: 'Create task' }).click();
  await expect(dialog.getByText('Say what is to be done.')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Task' }).fill('Count');
  await dialog.getByRole('combobox', { name: 'Agent' }).click();
  await page.getByRole('option', { name: 'Ada' }).click();
  await dialog.getByRole('switch', { name: 'I approve the result' }).check({ force: true });
  await dialog.getByRole('button', { name: 'Assign task' }).click();
  await expect(notes.getByRole('link', { name: 'Task: Count' })).toBeVisible();
  await expect(notes.getByText('Needs approval')).toBeVisible(soon);
  await expect(notes.getByRole('listitem')).toHaveCount(1);
  await notes.getByRole('link', { name: 'Task: Count' }).click();
  await page.getByRole('dialog', { name: 'Task' }).getByRole('button', { name: 'Approve' }).click();
  await page.goto(`${address}/notes`);
  await expect(notes.getByRole('listitem').filter({ hasText: 'Ada:' })).toContainText('The result of a task');
  await expect(notes.getByText('Done')).toBeVisible();
  await expectPresentable(page, 'whiteboard-note-tasks');
});

test('[WB8] a note that is dropped on an agent becomes a task for that one, and stays where it was', async ({
  browser,
}) => {
  const organization = await makeSandboxOrganization();
  const { owner, slug } = organization;
  await makeAgent(organization, { name: 'Ada', model });
  const page = await openSignedIn(browser, owner);
  await createNoteBoard(page, slug, owner, 'Count to ten');
  const place = await notesOf(page).boundingBox();
  if (place === null) throw new Error('The note has no place.');
  await page.mouse.move(place.x + 100, place.y + 130);
  await page.mouse.down();
  await page.mouse.move(place.x + 150, place.y + 160, { steps: 5 });
  const target = page.getByText('Task for Ada');
  await expect(target).toBeVisible();
  const goal = await target.boundingBox();
  if (goal === null) throw new Error('The agent has no place.');
  await page.mouse.move(goal.x + goal.width / 2, goal.y + goal.height / 2, { steps: 5 });
  await expect(target).toHaveAttribute('data-over');
  await page.mouse.up();
  const dialog = page.getByRole('dialog', { name: 'Make a task of this note' });
  await expect(dialog.getByRole('combobox', { name: 'Agent' })).toHaveValue('Ada');
  expect(await notesOf(page).boundingBox()).toEqual(place);
  await dialog.getByRole('button', { name: 'Assign task' }).click();
  await expect(notesOf(page).filter({ hasText: 'Ada:' })).toHaveCount(1, soon);
});
