import { useState } from 'react';
import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { useOrganizationTopic } from '@/lib/live/use-topic.ts';
import { formatUsd, isZeroUsd } from '@/lib/money.ts';
import { formatCount } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { officeQueries, type TaskStep } from '../office-queries.ts';
import classes from '../office.module.css';

const Progress = z.object({ task_id: z.string(), number: z.number(), text: z.string() });
type Progress = z.infer<typeof Progress>;

/** What was done for a task, the latest first; of a step under way, what the model says as it says it. */
export function TaskSteps({ taskId, isRunning }: { taskId: string; isRunning: boolean }) {
  const { id } = useOrganization();
  const [progress, setProgress] = useState<Progress | null>(null);
  useOrganizationTopic('office', {
    onMessage: (event, payload) => {
      if (event !== 'progress') return;
      const said = Progress.safeParse(payload).data;
      if (said?.task_id === taskId) setProgress(said);
    },
  });
  return (
    <AsyncView
      query={useQuery(officeQueries.steps(id, taskId))}
      skeleton={<Skeleton height={72} aria-label="Loading steps" />}
    >
      {(steps) =>
        steps.length === 0 ? (
          <Text size="sm" c="dimmed">
            {isRunning ? 'The first step is about to begin.' : 'No step was taken yet.'}
          </Text>
        ) : (
          <ol className={classes.steps} reversed aria-label="Steps">
            {steps.toReversed().map((step) => (
              <Step
                key={step.id}
                step={step}
                said={progress?.number === step.number ? progress.text : null}
              />
            ))}
          </ol>
        )
      }
    </AsyncView>
  );
}

function Step({ step, said }: { step: TaskStep; said: string | null }) {
  const text = (step.status === 'running' && said) || step.text;
  const tokens = step.input_tokens + step.output_tokens;
  return (
    <li className={classes.step}>
      <div className={classes.stepTop}>
        <Text component="span" size="sm">
          {stepWords(step)}
        </Text>
        <span className={classes.cost}>
          {tokens > 0 && `${formatCount(tokens)} tokens`}
          {!isZeroUsd(step.cost_usd) && ` · ${formatUsd(step.cost_usd)}`}
        </span>
      </div>
      {text !== '' && <div className={classes.stepText}>{text}</div>}
    </li>
  );
}

function stepWords({ number, kind, tool, status }: TaskStep): string {
  const what = { model: 'Thinking', comment: 'Comment' }[kind] ?? (tool ?? 'tool').replaceAll('_', ' ');
  const end = { running: ' …', interrupted: ', interrupted' }[status] ?? '';
  return `${number}. ${what}${end}`;
}
