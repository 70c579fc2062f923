import { z } from 'zod';
import type { ToolOutput } from '../../_shared/contracts/agents.ts';

export const HandedOver = z.object({
  result: z.string().trim().min(1).max(200_000).meta({ description: 'Markdown, all of it.' }),
});

/** Ends the work on a task. */
export function handOver(result: string, asksApproval: boolean): ToolOutput {
  const content = asksApproval ? 'It waits for approval.' : 'It was handed in.';
  return { content, handsIn: { result, asksApproval } };
}
