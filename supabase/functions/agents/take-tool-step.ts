import { z } from 'zod';
import { ToolInput, type TaskStep, type ToolCall, type ToolOutput } from '../_shared/contracts/agents.ts';
import { unwrapNothing } from '../_shared/db.ts';
import type { Json } from '../_shared/database.types.ts';
import { beginStep } from './begin-step.ts';
import { toolsFor } from './tools/all-tools.ts';
import type { Work } from './work-on-task.ts';

/** Uses a tool as the model asked for it. It may be run again for the same step, which then changes nothing more. */
export async function takeToolStep(work: Work, call: ToolCall): Promise<TaskStep | null> {
  const { parts, lease, claimed, failAt } = work;
  const input = { toolCallId: call.id, arguments: readArguments(call.arguments) };
  const begun = await beginStep(work, { kind: 'tool', tool: call.name, input });
  if (begun === null) return null;
  const { step } = begun;
  const tool = toolsFor(claimed).find(({ name }) => name === step.tool);
  const output: ToolOutput =
    tool === undefined
      ? { content: `There is no tool "${step.tool}".`, handsIn: null }
      : await tool.run(
          { db: parts.db, claimed, stepNumber: step.number },
          ToolInput.parse(step.input).arguments,
        );
  await failAt('tool-done');
  unwrapNothing(
    await parts.db.rpc('finish_step', {
      ...lease.named,
      step_number: step.number,
      text: output.content,
      output: { ...output },
    }),
  );
  return { ...step, status: 'done', text: output.content, output };
}

/** What is not JSON is handed on as the text that it is, and refused by the tool. */
function readArguments(text: string): Json {
  try {
    return z.json().parse(JSON.parse(text === '' ? '{}' : text));
  } catch {
    return text;
  }
}
