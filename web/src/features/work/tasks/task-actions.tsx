import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCheck, IconMessageReply, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyError } from '@/ui/notify.ts';
import { ReassignTask } from './reassign-task.tsx';
import { type OpenTask, taskQueries } from './task-queries.ts';
import { approveTask, restartTask, returnTask, stopTask } from './task-writes.ts';

/** What a person can do with a task as it stands. */
export function TaskActions({ task }: { task: OpenTask }) {
  const [isReturning, returning] = useDisclosure(false);
  const change = useTaskChange();
  const { id, status } = task;
  const isEnded = status === 'failed' || status === 'cancelled';
  const canReturn = status === 'awaiting_approval' || status === 'completed';
  return (
    <Stack gap="sm">
      <Group gap="xs">
        {status === 'awaiting_approval' && (
          <Button
            leftSection={<IconCheck size={16} stroke={1.5} aria-hidden />}
            loading={change.isPending}
            onClick={() => change.mutate(() => approveTask(id, task.result_hash ?? ''))}
          >
            Approve
          </Button>
        )}
        {canReturn && (
          <Button
            variant="default"
            leftSection={<IconMessageReply size={16} stroke={1.5} aria-hidden />}
            aria-expanded={isReturning}
            onClick={returning.toggle}
          >
            Send back
          </Button>
        )}
        {(status === 'in_progress' || status === 'pending') && (
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={16} stroke={1.5} aria-hidden />}
            loading={change.isPending}
            onClick={() => change.mutate(() => stopTask(id))}
          >
            Stop
          </Button>
        )}
        {isEnded && (
          <Button
            leftSection={<IconRefresh size={16} stroke={1.5} aria-hidden />}
            loading={change.isPending}
            onClick={() => change.mutate(() => restartTask(id))}
          >
            Restart
          </Button>
        )}
        {(isEnded || status === 'pending') && <ReassignTask task={task} />}
      </Group>
      {canReturn && isReturning && (
        <SendBack
          isPending={change.isPending}
          onSend={(comment) => change.mutate(() => returnTask(id, comment), { onSuccess: returning.close })}
          onCancel={returning.close}
        />
      )}
    </Stack>
  );
}

function useTaskChange() {
  const { id } = useOrganization();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (write: () => Promise<void>) => write(),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: taskQueries.all(id) }),
  });
}

type SendBackProps = { isPending: boolean; onSend: (comment: string) => void; onCancel: () => void };

function SendBack({ isPending, onSend, onCancel }: SendBackProps) {
  const [comment, setComment] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (comment.trim() !== '') onSend(comment);
      }}
    >
      <Stack gap="xs">
        <Textarea
          label="What is to be better"
          description="The agent reads this and goes on from its result."
          autosize
          minRows={3}
          maxLength={5000}
          ref={field}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        <Group gap="xs">
          <Button type="submit" loading={isPending} disabled={comment.trim() === ''}>
            Send back with comment
          </Button>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
