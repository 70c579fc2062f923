import { useState } from 'react';
import { Button, Group, Stack, Textarea } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { useUserId } from '@/lib/session.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { type AgentTask, officeQueries } from '../office-queries.ts';
import { approveTask, restartTask, returnTask, stopTask } from '../task-writes.ts';

/** What one can do about a task that is not done. */
export function TaskActions({ task }: { task: AgentTask }) {
  const { id, canManage } = useOrganization();
  const userId = useUserId();
  const client = useQueryClient();
  const [isReturning, setReturning] = useState(false);
  const act = useMutation({
    mutationFn: ({ run }: { run: () => Promise<void>; done: string }) => run(),
    onSuccess: (_, { done }) => notifyDone(done),
    onSettled: () => client.invalidateQueries({ queryKey: officeQueries.all(id) }),
  });
  const stop = (): void =>
    confirmStop(task, () => act.mutate({ run: () => stopTask(task.id), done: 'The task is stopped.' }));
  const approve = (): void =>
    act.mutate({ run: () => approveTask(task.id, task.result_hash ?? ''), done: 'The result is approved.' });
  const mayApprove = task.approver_id === null || task.approver_id === userId || canManage;
  return (
    <Stack gap="sm">
      <FormFailure error={act.error} />
      <Group gap="xs">
        {task.status === 'awaiting_approval' && (
          <>
            {mayApprove && (
              <Button onClick={approve} loading={act.isPending}>
                Approve
              </Button>
            )}
            <Button variant="default" onClick={() => setReturning(!isReturning)} aria-expanded={isReturning}>
              Send back
            </Button>
          </>
        )}
        {task.status === 'failed' && (
          <>
            <Button
              onClick={() => act.mutate({ run: () => restartTask(task.id), done: 'The task goes on.' })}
              loading={act.isPending}
            >
              Restart
            </Button>
            <Button
              variant="default"
              onClick={() => act.mutate({ run: () => stopTask(task.id), done: 'The task is laid aside.' })}
            >
              Lay aside
            </Button>
          </>
        )}
        {task.status !== 'failed' && (
          <Button variant="default" onClick={stop}>
            Stop
          </Button>
        )}
      </Group>
      {isReturning && task.status === 'awaiting_approval' && (
        <ReturnForm
          isPending={act.isPending}
          onReturn={(comment) =>
            act.mutate(
              { run: () => returnTask(task.id, comment), done: 'The result is sent back.' },
              { onSuccess: () => setReturning(false) },
            )
          }
        />
      )}
    </Stack>
  );
}

function confirmStop({ title }: AgentTask, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: 'Stop this task?',
    children: `The agent lays down “${title}” at once, in the middle of a call too. What was done so far is kept, and the task can be restarted.`,
    labels: { confirm: 'Stop task', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}

function ReturnForm({ isPending, onReturn }: { isPending: boolean; onReturn: (comment: string) => void }) {
  const [comment, setComment] = useState('');
  const [isAsked, setAsked] = useState(false);
  const isMissing = comment.trim() === '';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isMissing) setAsked(true);
        else onReturn(comment);
      }}
    >
      <Stack gap="xs">
        <Textarea
          label="What is to be better"
          autosize
          minRows={2}
          maxLength={5_000}
          value={comment}
          onChange={({ currentTarget }) => setComment(currentTarget.value)}
          error={isAsked && isMissing && 'Say what the agent should do differently.'}
          data-autofocus
        />
        <Group>
          <Button type="submit" variant="light" loading={isPending}>
            Send back with this
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
