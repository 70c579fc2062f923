/** How often a report may be mailed, and how people say it. */
export const mailFrequencies = ['day', 'week', 'month'] as const;
export type MailFrequency = (typeof mailFrequencies)[number];

export const frequencyWords: Record<MailFrequency, string> = {
  day: 'Every day',
  week: 'Every Monday',
  month: 'On the first of every month',
};

export const toMailFrequency = (value: string | null): MailFrequency | null =>
  mailFrequencies.find((each) => each === value) ?? null;
