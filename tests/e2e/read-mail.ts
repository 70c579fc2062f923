import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { readReady } from '../support/ready.ts';

const Mail = z.object({
  subject: z.string(),
  text: z.string(),
  html: z.string().default(''),
  to: z.array(z.object({ address: z.string() })),
});
type Mail = z.infer<typeof Mail>;

/** Waits for a mail to the address whose subject fits. @throws when none comes */
export async function readMail(address: string, subject: RegExp, timeoutMs = 10_000): Promise<Mail> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const response = await fetch(`${readReady().mailApiUrl}/email`);
    const mails = z.array(Mail).parse(await response.json());
    const found = mails.findLast((mail) => isTo(mail, address) && subject.test(mail.subject));
    if (found) return found;
    if (Date.now() > deadline)
      throw new Error(`No mail to ${address} with a subject like ${String(subject)}.`);
    await wait(100);
  }
}

/** The first link of a mail, as someone who reads it would click. @throws where there is none */
export function linkIn({ text, subject }: Pick<Mail, 'text' | 'subject'>): string {
  const [link] = /https?:\/\/\S+/.exec(text) ?? [];
  if (link === undefined) throw new Error(`The mail “${subject}” has no link:\n${text}`);
  return link;
}

const isTo = (mail: Mail, address: string): boolean => mail.to.some((to) => to.address === address);
