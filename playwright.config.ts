import { defineConfig } from '@playwright/test';
import { browserLaunchOptions } from './tests/support/browser.ts';
import { readReady } from './tests/support/ready.ts';

const { webUrl } = readReady();

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results/e2e',
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list']],
  use: {
    baseURL: webUrl,
    launchOptions: await browserLaunchOptions(),
    locale: 'en-US',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
  },
});
