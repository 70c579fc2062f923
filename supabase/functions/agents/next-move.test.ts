import { expect, test } from 'vitest';
import type { TaskStep } from '../_shared/contracts/agents.ts';
import { nextMove } from './next-move.ts';

const base = { status: 'done', tool: null, input: null, text: '', output: null } as const;
const model = (number: number, content: string, ...calls: string[]): TaskStep => ({
  ...base,
  number,
  kind: 'model',
  output: {
    content,
    isCut: false,
    toolCalls: calls.map((id) => ({ id, name: 'read_tasks', arguments: '{}' })),
  },
});
const tool = (number: number, toolCallId: string, result?: string): TaskStep => ({
  ...base,
  number,
  kind: 'tool',
  tool: 'read_tasks',
  input: { toolCallId, arguments: {} },
  output: { content: '', handsIn: result === undefined ? null : { result, asksApproval: true } },
});
const comment = (number: number): TaskStep => ({ ...base, number, kind: 'comment', text: 'Again' });

test('[MOV1] it begins with the model, and goes on with it after tools and comments', () => {
  expect(nextMove([])).toEqual({ kind: 'model' });
  expect(nextMove([model(1, '', 'a'), tool(2, 'a')])).toEqual({ kind: 'model' });
  expect(nextMove([model(1, 'Done.'), comment(2)])).toEqual({ kind: 'model' });
});

test('[MOV2] every tool that was asked for is used, in order, each once', () => {
  const asked = model(1, '', 'a', 'b');
  expect(nextMove([asked])).toMatchObject({ kind: 'tool', call: { id: 'a' } });
  expect(nextMove([asked, tool(2, 'a')])).toMatchObject({ kind: 'tool', call: { id: 'b' } });
  // Providers number their calls anew in each answer.
  expect(nextMove([asked, tool(2, 'a'), tool(3, 'b'), model(4, '', 'a')])).toMatchObject({
    call: { id: 'a' },
  });
});

test('[MOV3] a step that was begun and not done is taken again', () => {
  expect(nextMove([{ ...model(1, 'Half'), status: 'running', output: null }])).toEqual({ kind: 'model' });
  const begun: TaskStep = { ...tool(2, 'a'), status: 'interrupted', output: null };
  expect(nextMove([model(1, '', 'a'), begun])).toMatchObject({ kind: 'tool', call: { id: 'a' } });
});

test('[MOV4] what is said without asking for tools is the result, and what a tool hands in', () => {
  expect(nextMove([model(1, 'Done.')])).toEqual({ kind: 'hand-in', result: 'Done.', asksApproval: false });
  expect(nextMove([model(1, 'So:', 'a'), tool(2, 'a', '# Done')])).toEqual({
    kind: 'hand-in',
    result: '# Done',
    asksApproval: true,
  });
  expect(nextMove([model(1, ' ')])).toEqual({ kind: 'model' });
});
