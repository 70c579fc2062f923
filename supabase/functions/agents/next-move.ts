import {
  ModelOutput,
  type TaskStep,
  type ToolCall,
  ToolInput,
  ToolOutput,
} from '../_shared/contracts/agents.ts';

export type Move =
  | { readonly kind: 'model' }
  | { readonly kind: 'tool'; readonly call: ToolCall }
  | { readonly kind: 'hand-in'; readonly result: string; readonly asksApproval: boolean };

/** What is to be done next, by what was done. Whoever takes a task over comes to the same. */
export function nextMove(steps: readonly TaskStep[]): Move {
  const done = steps.filter(({ status }) => status === 'done');
  const latestModel = done.findLastIndex(({ kind }) => kind === 'model');
  const later = done.slice(latestModel + 1);
  const model = done[latestModel];
  if (model === undefined || later.some(({ kind }) => kind === 'comment')) return { kind: 'model' };
  const output = ModelOutput.parse(model.output);
  const answered = new Set(
    later.filter(({ kind }) => kind === 'tool').map(({ input }) => ToolInput.parse(input).toolCallId),
  );
  const call = output.toolCalls.find(({ id }) => !answered.has(id));
  if (call !== undefined) return { kind: 'tool', call };
  const handsIn = later
    .map(({ output: each }) => ToolOutput.parse(each).handsIn)
    .find((each) => each !== null);
  if (handsIn !== undefined) return { kind: 'hand-in', ...handsIn };
  if (output.toolCalls.length > 0 || output.content.trim() === '') return { kind: 'model' };
  const note = output.isCut
    ? '\n\n*The answer is longer than the model may answer at once; it was cut here.*'
    : '';
  return { kind: 'hand-in', result: output.content + note, asksApproval: false };
}
