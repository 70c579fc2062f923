import { expect, type Page } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { assignTask } from '../support/make-agent.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { figureOf, lineOf, makeOffice, placeOf } from './make-office.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';
import { watchConsole } from './watch-console.ts';

/** Within a second on a quiet machine; a test waits longer, since it is not what is timed here. */
const soon = { timeout: 30_000 };

const costOf = async (page: Page): Promise<number> =>
  Number((await page.getByTestId('office-spend').textContent())?.replace('$', ''));

test('[OFFC1] two people see each other, an assigned task moves the agent for both, its cost rises, approval completes it', async ({
  browser,
}) => {
  const { slug, owner, member } = await makeOffice({
    pieces: Array.from({ length: 12 }, (_, index) => `Piece ${index}. `),
    waitMs: 500,
  });
  const [theirs, page] = await Promise.all([openSignedIn(browser, member), openSignedIn(browser, owner)]);
  const log = watchConsole(page);
  await makeClockCoarse(theirs);
  await theirs.goto(`/${slug}/office`);
  await expect(lineOf(theirs, 'People', 'Mira Member (you)')).toBeVisible(soon);
  await page.goto(`/${slug}/office`);
  await expect(lineOf(page, 'People', 'Olga Owner (you)')).toBeVisible(soon);
  const arrivedAt = Date.now();
  await expect(lineOf(theirs, 'People', 'Olga Owner')).toContainText('Active · Office', soon);
  test.info().annotations.push({ type: 'seen after', description: `${Date.now() - arrivedAt} ms` });
  await expect(lineOf(page, 'People', 'Mira Member')).toContainText('Active · Office', soon);
  await expect(figureOf(page, 'Mira Member')).toBeVisible();
  await expect(lineOf(page, 'Agents', 'Nora')).toContainText('In the lounge, free');

  await page.getByRole('button', { name: 'Assign a task to Nora' }).click();
  const dialog = page.getByRole('dialog', { name: 'Assign a task' });
  await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
  await expect(dialog.getByText('Say in a few words what is to be done.')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'What is to be done' }).fill('Draft the launch post');
  await dialog.getByRole('combobox', { name: 'Who approves the result' }).click();
  await page.getByRole('option', { name: 'Mira Member' }).click();
  await expectPresentable(page, 'office-assign', { isOverlay: true });
  await page.setViewportSize(wide);
  const before = await costOf(theirs);
  await dialog.getByRole('button', { name: 'Assign', exact: true }).click();

  for (const each of [page, theirs]) {
    await expect(lineOf(each, 'Agents', 'Nora')).toContainText(
      'Working at the desk: Draft the launch post',
      soon,
    );
    await expect(figureOf(each, 'Nora')).toHaveAttribute('data-place', 'desk/0');
  }
  await expect.poll(() => costOf(theirs), soon).toBeGreaterThan(before);
  for (const each of [page, theirs]) {
    await expect(lineOf(each, 'Agents', 'Nora')).toContainText(
      'At Mira Member’s door, waiting for approval',
      soon,
    );
    await expect(figureOf(each, 'Nora')).toHaveAttribute('data-place', 'door/2/0');
  }
  await expect.poll(() => areAlike('Nora', page, theirs), soon).toBe(true);

  await lineOf(theirs, 'Agents', 'Nora').getByRole('link', { name: 'Nora' }).click();
  const receipt = theirs.getByRole('dialog', { name: 'Nora' });
  await expect(receipt.getByRole('region', { name: 'Result' })).toContainText('Piece 11.');
  await expect(receipt.getByRole('region', { name: 'Steps' }).getByRole('listitem')).toHaveCount(3);
  await expectPresentable(theirs, 'office-receipt', { isOverlay: true });
  await theirs.setViewportSize(wide);
  await receipt.getByRole('button', { name: 'Approve' }).click();
  await expect(lineOf(page, 'Agents', 'Nora')).toContainText('In the lounge, free', soon);
  await expect(receipt.getByRole('listitem').filter({ hasText: 'Draft the launch post' })).toContainText(
    'Done',
    soon,
  );
  expect(log.errors).toEqual([]);
});

/** As browsers do that give no exact time away: it stands still for several frames, and those who walk go on. */
async function makeClockCoarse(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const exact = Date.now;
    Date.now = () => Math.floor(exact() / 100) * 100;
  });
}

/** Whether two screens show someone at the same place, standing. */
async function areAlike(name: string, ...pages: Page[]): Promise<boolean> {
  const figures = pages.map((each) => figureOf(each, name));
  const places = await Promise.all(figures.map(placeOf));
  const walking = await Promise.all(figures.map((figure) => figure.getAttribute('data-walking')));
  return new Set(places).size === 1 && walking.every((each) => each === null);
}

test('[OFFC2] an agent is dragged to a person, who then approves; to the lounge, where it stays for everyone', async ({
  browser,
}) => {
  const { slug, owner, member } = await makeOffice();
  const [page, theirs] = await Promise.all([openSignedIn(browser, owner), openSignedIn(browser, member)]);
  for (const each of [page, theirs]) {
    await each.goto(`/${slug}/office`);
    await expect(figureOf(each, 'Nora')).toBeVisible(soon);
  }
  await expect(figureOf(page, 'Mira Member')).toBeVisible(soon);
  await dragTo(page, { x: 640, y: 66 });
  const dialog = page.getByRole('dialog', { name: 'Assign a task' });
  await expect(dialog.getByRole('combobox', { name: 'Who approves the result' })).toHaveValue('Mira Member');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();

  await dragTo(page, { x: 760, y: 500 });
  await expect(dialog.getByRole('combobox', { name: 'Who approves the result' })).toHaveValue(/^Nobody/);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await dragTo(page, { x: 250, y: 640 });
  for (const each of [page, theirs]) {
    await expect(figureOf(each, 'Nora')).toHaveAttribute('data-place', /^free\//, soon);
  }
  await theirs.reload();
  await expect(figureOf(theirs, 'Nora')).toHaveAttribute('data-place', /^free\//, soon);
  await expect(lineOf(theirs, 'Agents', 'Nora')).toContainText('In the lounge, free');
});

/** With the mouse, from where Nora stands to a point of the floor plan. */
async function dragTo(page: Page, point: { x: number; y: number }): Promise<void> {
  await expect(figureOf(page, 'Nora')).not.toHaveAttribute('data-walking', soon);
  const plan = await page.getByRole('group', { name: 'Floor plan' }).locator('svg').first().boundingBox();
  const figure = await figureOf(page, 'Nora').boundingBox();
  if (!plan || !figure) throw new Error('Nothing is drawn.');
  const scale = plan.width / 1000;
  await page.mouse.move(figure.x + figure.width / 2, figure.y + figure.height / 2);
  await page.mouse.down();
  await page.mouse.move(plan.x + point.x * scale, plan.y + point.y * scale, { steps: 8 });
  await page.mouse.up();
}

test('[OFFC3] who walks is seen walking, who is on another page sits in their office, who is removed sees nothing any more', async ({
  browser,
}) => {
  const { slug, owner, member, organizationId } = await makeOffice();
  const [page, theirs] = await Promise.all([openSignedIn(browser, owner), openSignedIn(browser, member)]);
  await page.goto(`/${slug}/office`);
  await theirs.goto(`/${slug}/usage`);
  await expect(lineOf(page, 'People', 'Mira Member')).toContainText('Active · Usage', soon);
  await theirs.getByRole('link', { name: 'Office' }).click();
  await expect(lineOf(page, 'People', 'Mira Member')).toContainText('Active · Office', soon);
  await expect(figureOf(theirs, 'Olga Owner')).toBeVisible(soon);
  const before = await placeOf(figureOf(page, 'Mira Member'));
  await theirs.getByRole('group', { name: 'Floor plan' }).focus();
  await theirs.keyboard.down('ArrowLeft');
  await expect.poll(() => placeOf(figureOf(page, 'Mira Member')), soon).not.toBe(before);
  await theirs.keyboard.up('ArrowLeft');
  await expect.poll(() => areAlike('Mira Member', page, theirs), soon).toBe(true);

  await owner.db
    .rpc('remove_member', { organization_id: organizationId, user_id: member.userId })
    .throwOnError();
  await expect(lineOf(page, 'People', 'Mira Member')).toHaveCount(0, soon);
  await expect(theirs.getByRole('heading', { name: 'There is nothing at this address' })).toBeVisible({
    timeout: 60_000,
  });
});

test('[OFFC4] yesterday is played again from the log, by slider, keys and button, with spend rising', async ({
  browser,
}) => {
  const organization = await makeOffice();
  const { slug, owner, organizationId, nora } = organization;
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/office?show=yesterday`);
  await expect(page.getByText(/^Nothing happened on /)).toBeVisible(soon);

  const taskId = await assignTask(organization, nora, { title: 'Water the plants' });
  await expect
    .poll(async () => {
      const [task] = await operatorSql()`select status from public.tasks where id = ${taskId}`;
      return String(task?.['status']);
    }, soon)
    .toBe('completed');
  // As if it had been done yesterday, from noon on, half an hour between two events.
  await operatorSql()`
    update public.office_events e set at = date_trunc('day', now()) - interval '12 hours' + (e.seq - first.seq) * interval '30 minutes'
    from (select min(seq) as seq from public.office_events where organization_id = ${organizationId} and task_id = ${taskId}) first
    where e.organization_id = ${organizationId}`;
  await page.reload();
  const slider = page.getByRole('slider', { name: 'Time of day' });
  await expect(slider).toBeVisible(soon);
  await expect(page.getByTestId('replay-spend')).toHaveText('$0.00');
  await slider.focus();
  await page.keyboard.press('End');
  const total = Number((await page.getByTestId('replay-spend').textContent())?.replace('$', ''));
  expect(total).toBeGreaterThan(0);
  await expect(lineOf(page, 'Agents', 'Nora')).toContainText('In the lounge, free');
  await expectPresentable(page, 'office-replay');
  await page.setViewportSize(wide);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(page.getByTestId('replay-spend')).toHaveText('$0.00');
  await page.getByText('1 h/s', { exact: true }).click();
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(lineOf(page, 'Agents', 'Nora')).toContainText('Working at the desk: Water the plants', soon);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Assign a task to Nora' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(page.getByTestId('replay-spend')).not.toHaveText('$0.00', soon);
});

test('[OFFC5] all of it is done by keyboard: a task assigned, its steps read, stopped, and the drawer left again', async ({
  browser,
}) => {
  const { slug, owner } = await makeOffice({
    pieces: Array.from({ length: 200 }, () => 'and on '),
    waitMs: 300,
  });
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/office`);
  await page.getByRole('button', { name: 'Assign a task to Nora' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'What is to be done' })).toBeFocused();
  await page.keyboard.type('Write a very long story');
  await page.keyboard.press('Enter');
  await expect(lineOf(page, 'Agents', 'Nora')).toContainText('Working at the desk', soon);
  await lineOf(page, 'Agents', 'Nora').getByRole('link', { name: 'Nora' }).focus();
  await page.keyboard.press('Enter');
  const receipt = page.getByRole('dialog', { name: 'Nora' });
  await expect(receipt.getByRole('region', { name: 'Steps' })).toContainText('and on and on', soon);
  await receipt.getByRole('button', { name: 'Stop' }).focus();
  await page.keyboard.press('Enter');
  await expect(receipt.getByText('Stopped')).toBeVisible(soon);
  await page.keyboard.press('Escape');
  await expect(receipt).toBeHidden();
  await expect(page).toHaveURL(new RegExp(`/${slug}/office$`));
  await expect(lineOf(page, 'Agents', 'Nora')).toContainText('In the lounge, free', soon);
});

test('[OFFC6] nothing is drawn anew while nobody moves', async ({ browser }) => {
  const { slug, owner } = await makeOffice();
  const page = await openSignedIn(browser, owner);
  await page.addInitScript(() => {
    const ask = window.requestAnimationFrame.bind(window);
    Object.assign(window, { framesAsked: 0 });
    window.requestAnimationFrame = (callback) => {
      Object.assign(window, { framesAsked: Number(Reflect.get(window, 'framesAsked')) + 1 });
      return ask(callback);
    };
  });
  await page.goto(`/${slug}/office`);
  await expect(figureOf(page, 'Nora')).toBeVisible(soon);
  const framesIn = (waitMs: number): Promise<number> =>
    page.evaluate(async (ms) => {
      const before = Number(Reflect.get(window, 'framesAsked'));
      await new Promise((resolve) => setTimeout(resolve, ms));
      return Number(Reflect.get(window, 'framesAsked')) - before;
    }, waitMs);
  await expect.poll(() => framesIn(1_000), soon).toBeLessThan(5);
  await page.getByRole('group', { name: 'Floor plan' }).focus();
  await page.keyboard.down('ArrowDown');
  await expect.poll(() => framesIn(1_000), soon).toBeGreaterThan(5);
  await page.keyboard.up('ArrowDown');
  await expect.poll(() => framesIn(1_000), soon).toBeLessThan(5);
});
