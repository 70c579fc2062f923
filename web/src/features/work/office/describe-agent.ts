import type { Activity, Standing } from './life/place-of.ts';

/** What an agent does, in a few words: for the list and for whoever cannot see the plan. */
export function describeAgent(
  standing: Standing,
  isLive: boolean,
  nameOf: (personId: string | null) => string,
): string {
  const { activity, task, trouble } = standing;
  const what = whatItDoes(activity, isLive, nameOf(task?.approverId ?? null));
  const title = task && activity !== 'idle' && activity !== 'paused' ? `: ${task.title}` : '';
  const wrong = trouble ? ` · ${troubleWords[trouble.kind]}: ${trouble.task.title}` : '';
  return `${what}${title}${wrong}`;
}

const troubleWords = { failed: 'Failed', blocked: 'Blocked' } as const;

function whatItDoes(activity: Activity, isLive: boolean, approver: string): string {
  switch (activity) {
    case 'idle':
      return 'In the lounge, free';
    case 'paused':
      return 'Paused';
    case 'waiting':
      return 'At the desk, about to begin';
    case 'working':
      return isLive ? 'Working at the desk' : 'At the desk, waiting to go on';
    case 'meeting':
      return isLive ? 'Working at the meeting table' : 'At the meeting table';
    case 'awaiting':
      return approver === '' ? 'Waiting for approval' : `At ${approver}’s door, waiting for approval`;
  }
}
