import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const MailDev = z.custom<(options: object) => { listen: () => Promise<void> }>(
  (value) => typeof value === 'function',
);

/** The mailbox's own process: it ends when its parent does, which closes this standard input. */
const { values } = parseArgs({
  options: { smtp: { type: 'string' }, web: { type: 'string' }, directory: { type: 'string' } },
});
const maildev = MailDev.parse(createRequire(import.meta.url)('maildev'));
const mailbox = maildev({
  smtp: Number(values.smtp),
  web: Number(values.web),
  ip: '127.0.0.1',
  mailDirectory: values.directory,
  silent: true,
});
process.stdin.resume().on('end', () => process.exit(0));
await mailbox.listen();
