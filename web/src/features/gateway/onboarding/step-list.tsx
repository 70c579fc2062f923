import { IconCheck } from '@tabler/icons-react';
import classes from './onboarding-page.module.css';
import { type Step, steps } from './step-of.ts';

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
