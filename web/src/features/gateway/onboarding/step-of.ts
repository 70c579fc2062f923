import type { Progress } from './onboarding-queries.ts';

export const steps = [
  { step: 'provider', label: 'Choose who answers' },
  { step: 'project', label: 'Create a project' },
  { step: 'key', label: 'Create a proxy key' },
  { step: 'call', label: 'Make the first call' },
] as const;

export type Step = (typeof steps)[number]['step'];

/** The first thing that is missing. */
export function stepOf({ hasCredential, project, hasKey }: Progress): Step {
  if (!hasCredential) return 'provider';
  if (!project) return 'project';
  return hasKey ? 'call' : 'key';
}

/** How many of the steps are done, and of how many. */
export function countSteps({ hasCredential, project, hasKey, hasCall }: Progress): {
  done: number;
  all: number;
} {
  return { done: [hasCredential, project, hasKey, hasCall].filter(Boolean).length, all: steps.length };
}
