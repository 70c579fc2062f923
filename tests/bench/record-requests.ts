import { chromium, type Page } from '@playwright/test';
import { z } from 'zod';
import { signInState } from '../e2e/sign-in-state.ts';
import { browserLaunchOptions } from '../support/browser.ts';
import { readReady } from '../support/ready.ts';

/** A request to the Data API, or for a report, as a page of the web app made it, to be made again, of any stack. */
export type RecordedRequest = {
  /** What it asks for, e.g. `break_down_usage model by day`. */
  label: string;
  page: string;
  method: string;
  /** With the query. */
  path: string;
  headers: Record<string, string>;
  body: string | null;
};

export type Visit = {
  name: string;
  path: string;
  /** What is done there after it has loaded. */
  act?: (page: Page) => Promise<void>;
};

/** Of the pages of an export, which are as many as there are calls. */
const mostAlike = 3;
const reportPath = '/functions/v1/reporting/run';
const replayedHeaders = ['accept', 'accept-profile', 'content-profile', 'content-type', 'prefer', 'range'];

/** Visits the pages in a browser and keeps every different request that they make to the Data API or for a report. */
export async function recordRequests(
  account: { email: string; password: string },
  visits: readonly Visit[],
): Promise<RecordedRequest[]> {
  const browser = await chromium.launch(await browserLaunchOptions());
  const recorded = new Map<string, RecordedRequest>();
  try {
    const context = await browser.newContext({ storageState: await signInState(account) });
    const page = await context.newPage();
    for (const { name, path, act } of visits) {
      page.removeAllListeners('request');
      page.on('request', (request) => {
        const { pathname, search } = new URL(request.url());
        const isMeasured = pathname.startsWith('/rest/v1/') || pathname === reportPath;
        if (!isMeasured || request.method() === 'OPTIONS') return;
        const body = request.postData();
        const key = `${request.method()} ${pathname}${search} ${body}`;
        const label = pathname === reportPath ? 'the report itself' : describe(pathname, search, body);
        const alike = [...recorded.values()].filter((each) => each.page === name && each.label === label);
        if (recorded.has(key) || alike.length === mostAlike) return;
        const headers = Object.entries(request.headers()).filter(([header]) =>
          replayedHeaders.includes(header),
        );
        recorded.set(key, {
          label,
          page: name,
          method: request.method(),
          path: `${pathname}${search}`,
          headers: Object.fromEntries(headers),
          body,
        });
      });
      await page.goto(`${readReady().webUrl}${path}`);
      await settle(page);
      if (act) {
        await act(page);
        await settle(page);
      }
    }
  } finally {
    await browser.close();
  }
  return [...recorded.values()];
}

async function settle(page: Page): Promise<void> {
  // Status is polled for ever, so the network never falls silent: what stands for loading is waited for.
  await page.locator('main').waitFor();
  await page.waitForFunction(
    () => document.querySelector('[aria-label^="Loading"], .mantine-Skeleton-root') === null,
    undefined,
    { timeout: 60_000 },
  );
  await page.waitForTimeout(500);
}

const RpcBody = z
  .object({ dimension: z.string(), by_day: z.boolean(), from_at: z.string(), to_at: z.string() })
  .partial();

function describe(pathname: string, search: string, body: string | null): string {
  const name = pathname.replace('/rest/v1/', '').replace('rpc/', '');
  if (body !== null) {
    const { dimension, by_day: byDay, from_at: from, to_at: to } = RpcBody.parse(JSON.parse(body));
    const days =
      from && to && Number.isFinite(Date.parse(from))
        ? `${Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)} d`
        : '';
    return [name, dimension, byDay === true ? 'by day' : '', days].filter(Boolean).join(' ');
  }
  const filters = [...new URLSearchParams(search)]
    .filter(([key]) => !['select', 'organization_id', 'order'].includes(key))
    .map(([key, value]) => (key === 'limit' ? `limit ${value}` : key === 'or' ? value.slice(1, 12) : key));
  return [name, ...new Set(filters)].join(' ');
}
