import { IconCheck } from '@tabler/icons-react';
import classes from './onboarding-page.module.css';
import type { Progress } from './onboarding-queries.ts';

const steps = [
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

export function StepList({ current }: { current: Step }) {
  const currentIndex = steps.findIndex(({ step }) => step === current);
  return (
    <ol className={classes.steps} aria-label="Steps">
      {steps.map(({ step, label }, index) => (
        <li
          key={step}
          className={classes.stepItem}
          data-state={index < currentIndex ? 'done' : index === currentIndex ? 'current' : 'ahead'}
          aria-current={index === currentIndex ? 'step' : undefined}
        >
          <span className={classes.stepMark} aria-hidden>
            {index < currentIndex ? <IconCheck size={14} stroke={2} /> : index + 1}
          </span>
          <span>{label}</span>
        </li>
      ))}
    </ol>
  );
}
