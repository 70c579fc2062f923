/** `unchecked` says why; it is no failure. */
export type Finding = { state: 'ok' | 'wrong' | 'unchecked'; subject: string; detail: string };

export const ok = (subject: string, detail = ''): Finding => ({ state: 'ok', subject, detail });
export const wrong = (subject: string, detail: string): Finding => ({ state: 'wrong', subject, detail });
export const unchecked = (subject: string, detail: string): Finding => ({
  state: 'unchecked',
  subject,
  detail,
});

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
