import colors from 'picocolors';
import type { Demo } from './demo.ts';

/** What a new user needs now, and no more. */
export function showSummary(facts: { webUrl: string; proxyUrl: string; mailUrl: string; demo: Demo }): void {
  const { webUrl, proxyUrl, mailUrl, demo } = facts;
  const line = (label: string, value: string): string => `  ${colors.dim(label.padEnd(12))}${value}`;
  const key = demo.proxyKey ?? '(the demo organization was deleted; sign in for keys of your own)';
  const curl = [
    `curl -N ${proxyUrl}/v1/chat/completions`,
    `-H "Authorization: Bearer ${key}"`,
    `-H "Content-Type: application/json"`,
    `-d '{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello"}]}'`,
  ].join(' \\\n    ');
  console.log(
    [
      '',
      `  ${colors.bold('Kreative HQ is running.')} Ctrl-C stops it and keeps the data.`,
      '',
      line('Dashboard', colors.cyan(webUrl)),
      line('Proxy', `${colors.cyan(`${proxyUrl}/v1`)} for OpenAI clients, without /v1 for Anthropic's`),
      line('Demo login', `${demo.email} / ${demo.password}`),
      line('Demo key', key),
      line('Mailbox', colors.cyan(mailUrl)),
      '',
      '  A first call (it appears in the dashboard at once):',
      '',
      `  ${curl}`,
      '',
    ].join('\n'),
  );
}
