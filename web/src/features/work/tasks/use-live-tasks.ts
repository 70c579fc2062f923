import { useEffect, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { useOrganizationTopic } from '@/lib/live/use-topic.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { agentQueries } from '../agents/agent-queries.ts';
import { taskQueries } from './task-queries.ts';

const Progress = z.object({ task_id: z.string(), number: z.number(), text: z.string() });
const Happened = z.object({ kind: z.string() });

/** What a model says at the moment, which the steps will have once it is said. */
export type TaskProgress = { stepNumber: number; text: string };

/** Many things happen in one second, and one look shows them all. */
const lookEveryMs = 400;

/** Keeps tasks and agents on the page as they are; answers what is being said for this task. */
export function useLiveTasks(taskId?: string): TaskProgress | null {
  const { id } = useOrganization();
  const client = useQueryClient();
  const [progress, setProgress] = useState<(TaskProgress & { taskId: string }) | null>(null);
  const look = useRef<{ timer: ReturnType<typeof setTimeout> | undefined; agents: boolean }>({
    timer: undefined,
    agents: false,
  });
  useEffect(() => {
    const looking = look.current;
    return () => clearTimeout(looking.timer);
  }, []);
  const lookSoon = (agents: boolean): void => {
    look.current.agents ||= agents;
    look.current.timer ??= setTimeout(() => {
      const key = look.current.agents ? agentQueries.all(id) : agentQueries.budgets(id).queryKey;
      look.current = { timer: undefined, agents: false };
      void client.invalidateQueries({ queryKey: taskQueries.all(id) });
      void client.invalidateQueries({ queryKey: key });
    }, lookEveryMs);
  };
  useOrganizationTopic('office', {
    onMessage: (event, payload) => {
      const said = event === 'progress' ? Progress.safeParse(payload).data : undefined;
      if (said !== undefined) {
        if (said.task_id === taskId) setProgress({ taskId, stepNumber: said.number, text: said.text });
        return;
      }
      const happened = event === 'event' ? Happened.safeParse(payload).data : undefined;
      if (happened !== undefined) lookSoon(happened.kind.startsWith('agent_'));
    },
    onPull: () => lookSoon(true),
  });
  return progress !== null && progress.taskId === taskId ? progress : null;
}
