import { Group, Loader, Spoiler, Text, Title } from '@mantine/core';
import { IconMessageReply, IconPlayerStop, IconSparkles, IconTool } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { formatUsd, isZeroUsd } from '@/lib/money.ts';
import { formatCount } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { peopleQuery } from '../people-query.ts';
import { type OpenTask, taskQueries, type TaskStep } from './task-queries.ts';
import classes from './task-steps.module.css';
import { describeTool } from './task-words.ts';
import type { TaskProgress } from './use-live-tasks.ts';

/** What was done, step by step, and what is being done. */
export function TaskSteps({ task, progress }: { task: OpenTask; progress: TaskProgress | null }) {
  const { id } = useOrganization();
  const steps = useQuery(taskQueries.steps(id, task.id));
  return (
    <section aria-label="Steps">
      <Title order={3} mb="xs">
        Steps
      </Title>
      <AsyncView query={steps} skeleton={<BlockSkeleton height={120} label="Loading steps" />}>
        {(data) =>
          data.length === 0 ? (
            <Text size="sm" c="dimmed">
              {task.agent_id === null ? 'Give the task to an agent, and it begins.' : 'Nothing was done yet.'}
            </Text>
          ) : (
            <ol className={classes.steps}>
              {data.map((step) => (
                <Step
                  key={step.id}
                  step={step}
                  isGoingOn={step.status === 'running' && task.status === 'in_progress'}
                  said={progress?.stepNumber === step.number ? progress.text : null}
                  isResult={step.text !== '' && step.text === task.result}
                />
              ))}
            </ol>
          )
        }
      </AsyncView>
    </section>
  );
}

type StepProps = {
  step: TaskStep;
  isGoingOn: boolean;
  said: string | null;
  /** What it says stands above already. */
  isResult: boolean;
};

function Step({ step, isGoingOn, said, isResult }: StepProps) {
  const text = isGoingOn && said !== null && said.length > step.text.length ? said : step.text;
  return (
    <li className={classes.step}>
      <span className={classes.icon} aria-hidden>
        <StepIcon step={step} isGoingOn={isGoingOn} />
      </span>
      <div className={classes.body}>
        <Group justify="space-between" gap="xs" wrap="nowrap">
          <StepTitle step={step} isGoingOn={isGoingOn} />
          <StepCost step={step} />
        </Group>
        {text !== '' && !isResult && <StepText text={text} isGoingOn={isGoingOn} />}
      </div>
    </li>
  );
}

/** What a tool read is for the model: people see it if they want to. */
function StepText({ text, isGoingOn }: { text: string; isGoingOn: boolean }) {
  const isData = /^[[{]/.test(text);
  const height = isData ? 0 : isGoingOn ? 400 : 84;
  return (
    <Spoiler
      maxHeight={height}
      showLabel={isData ? 'Show what it read' : 'Show all'}
      hideLabel={isData ? 'Hide it' : 'Show less'}
    >
      <Text size="sm" c="dimmed" ff={isData ? 'monospace' : 'text'} className={classes.text}>
        {text}
      </Text>
    </Spoiler>
  );
}

function StepIcon({ step, isGoingOn }: { step: TaskStep; isGoingOn: boolean }) {
  if (isGoingOn) return <Loader size={14} />;
  if (step.status !== 'done') return <IconPlayerStop size={16} stroke={1.5} />;
  if (step.kind === 'tool') return <IconTool size={16} stroke={1.5} />;
  return step.kind === 'model' ? (
    <IconSparkles size={16} stroke={1.5} />
  ) : (
    <IconMessageReply size={16} stroke={1.5} />
  );
}

function StepTitle({ step, isGoingOn }: { step: TaskStep; isGoingOn: boolean }) {
  const { id } = useOrganization();
  const { data: people } = useQuery(peopleQuery(id));
  if (step.kind === 'comment') return <>{people?.get(step.created_by ?? '') ?? 'Somebody'} sent it back</>;
  if (step.kind === 'tool') return <>{describeTool(step.tool ?? '')}</>;
  if (step.status === 'done') return <>{step.text === '' ? 'Decided what to do' : 'Answered'}</>;
  return <>{isGoingOn ? 'Thinks' : 'Was interrupted'}</>;
}

/** What it took; leads to its call in the ledger. */
function StepCost({ step }: { step: TaskStep }) {
  const { slug } = useOrganization();
  if (step.call_id === null || isZeroUsd(step.cost_usd)) return null;
  const tokens = `${formatCount(step.input_tokens)} tokens in, ${formatCount(step.output_tokens)} out`;
  return (
    <Link to={paths.call(slug, step.call_id)} className={classes.cost} title={tokens}>
      {formatUsd(step.cost_usd)}
    </Link>
  );
}
