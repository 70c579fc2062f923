import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type LaunchOptions } from '@playwright/test';
import packaged, { inflate } from '@sparticuz/chromium';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** An installed Chromium, else Playwright's own, else the one that an npm package carries. */
export async function browserLaunchOptions(): Promise<LaunchOptions> {
  const found = [...installed, chromium.executablePath()].find((file) => existsSync(file));
  return found === undefined ? packagedBrowser() : { executablePath: found };
}

/** @throws where it does not run: the package is for Linux on x64 */
async function packagedBrowser(): Promise<LaunchOptions> {
  const directory = await unpackedChromium();
  const executablePath = path.join(directory, 'chromium');
  const fonts = existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: path.join(directory, 'fonts') };
  for (const libraries of [{}, { LD_LIBRARY_PATH: path.join(directory, 'al2023', 'lib') }]) {
    const env = { ...process.env, ...fonts, ...libraries };
    if (spawnSync(executablePath, ['--version'], { env }).status === 0) return { executablePath, env };
  }
  throw new Error('No Chromium was found. Install one, or run `npx playwright install chromium`.');
}

/**
 * The package unpacks into the temporary directory, for its user alone, and takes what is there for whole. So it gets a
 * directory of its own inside this clone, which takes its place only when it is complete.
 */
async function unpackedChromium(): Promise<string> {
  const cache = path.resolve(import.meta.dirname, '../../node_modules/.cache');
  const directory = path.join(cache, 'chromium');
  if (existsSync(directory)) return directory;
  await mkdir(cache, { recursive: true });
  const unpacking = await mkdtemp(path.join(cache, 'chromium-'));
  await withTemporaryDirectory(unpacking, async () => {
    await packaged.executablePath();
    await inflate(fileURLToPath(new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'))));
  });
  await rename(unpacking, directory).catch(() => rm(unpacking, { recursive: true }));
  return directory;
}

async function withTemporaryDirectory(directory: string, work: () => Promise<void>): Promise<void> {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = directory;
  try {
    await work();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
