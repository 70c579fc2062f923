import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const screenshots = path.resolve(import.meta.dirname, '../../test-results/screenshots');

/** What a test goes on with: looking at a page in all its variants leaves it narrow. */
export const wide = { width: 1440, height: 900 };
export const narrow = { width: 390, height: 844 };
const schemes = ['light', 'dark'] as const;

/** A very long list says nothing more after this many pixels. */
const tallestPx = 3200;

type Options = {
  /** A dialog or drawer stands still in the window: only what is in it is seen. */
  isOverlay?: boolean;
  /** What looks different there altogether, and is looked at in one size. */
  size?: 'wide' | 'narrow';
};

/**
 * The page as it stands, wide and narrow, light and dark: nothing scrolls sideways, axe finds nothing serious, and a
 * picture of each is kept for people to look at.
 */
export async function expectPresentable(
  page: Page,
  name: string,
  { isOverlay = false, size: only }: Options = {},
) {
  const sizes = { wide: [wide], narrow: [narrow] };
  for (const size of only === undefined ? [wide, narrow] : sizes[only]) {
    await page.setViewportSize(size);
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await settle(page);
      const variant = `${name}-${size.width}-${colorScheme}`;
      await takePicture(page, variant, isOverlay);
      expect.soft(await wideElements(page), `${variant} scrolls sideways`).toEqual([]);
      expect.soft(await seriousViolations(page, isOverlay), `${variant} is hard to use for some`).toEqual([]);
    }
  }
}

/** Until what is loading is there and the fonts are drawn. */
async function settle(page: Page): Promise<void> {
  await expect(page.getByLabel(/^Loading/)).toHaveCount(0);
  await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    // Charts and layouts that follow their container need two frames.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
}

async function takePicture(page: Page, variant: string, isOverlay: boolean): Promise<void> {
  const file = path.join(screenshots, `${variant}.png`);
  if (isOverlay) {
    await page.screenshot({ path: file });
    return;
  }
  const { width, height } = await page.evaluate(() => ({
    width: window.innerWidth,
    height: document.documentElement.scrollHeight,
  }));
  const clip = { x: 0, y: 0, width, height: Math.min(height, tallestPx) };
  await page.screenshot({ path: file, fullPage: true, clip });
}

/** What sticks out to the right of the window or of the dialog that it is in. */
async function wideElements(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll<HTMLElement>('main, [role="dialog"]')]
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map(({ tagName, scrollWidth, clientWidth }) => `${tagName} ${scrollWidth} in ${clientWidth} px`),
  );
}

async function seriousViolations(page: Page, isOverlay: boolean): Promise<string[]> {
  // The page has no frames, for which the other mode opens a page of its own each time.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  // What lies behind a dialog is looked at where it is a page of its own.
  if (isOverlay && (await page.getByRole('dialog').count()) > 0) axe.include('[role="dialog"]');
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, html }) => `${id}: ${target.join(' ')} ${html.slice(0, 160)}`),
    );
}
