import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { openLog } from './open-log.ts';
import { waitForPort } from './wait-for-port.ts';

export type Mailbox = {
  url: string;
  smtpUrl: string;
  smtpPort: number;
  pid: number;
  stop: () => Promise<void>;
};

/** An SMTP server that sends nothing on, with a page and a REST interface (`GET /email`) for what arrived. */
export async function startMailbox(options: {
  smtpPort: number;
  webPort: number;
  directory: string;
  logFile: string;
}): Promise<Mailbox> {
  const log = openLog(options.logFile);
  const args = [
    '--smtp',
    `${options.smtpPort}`,
    '--web',
    `${options.webPort}`,
    '--directory',
    options.directory,
  ];
  const child = spawn(process.execPath, [join(import.meta.dirname, 'mailbox-process.ts'), ...args], {
    detached: true,
    stdio: ['pipe', log, log],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'] },
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.once('error', () => {});
  const { pid } = child;
  if (pid === undefined) throw new Error(`The mailbox could not be started; see ${options.logFile}`);
  const failed = ended.then(() => Promise.reject(new Error(`The mailbox ended; see ${options.logFile}`)));
  await Promise.race([failed, Promise.all([waitForPort(options.smtpPort), waitForPort(options.webPort)])]);
  failed.catch(() => {});
  return {
    url: `http://127.0.0.1:${options.webPort}`,
    smtpUrl: `smtp://127.0.0.1:${options.smtpPort}`,
    smtpPort: options.smtpPort,
    pid,
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(late);
    },
  };
}
