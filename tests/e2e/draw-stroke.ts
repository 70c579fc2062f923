import type { Locator, Page } from '@playwright/test';

/** A stroke of the pen, from one place on the canvas to another. */
export async function drawStroke(page: Page, from: [number, number], to: [number, number]): Promise<void> {
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

export const strokesOf = (page: Page): Locator => page.locator('.tl-shape[data-shape-type="draw"]');

/** What the page says of how far its work is saved. */
export const saveState = (page: Page, words: string): Locator =>
  page.getByRole('status').filter({ hasText: words });
