import type { JsonObject } from '../json-object.ts';
import { invalid, unsupported } from './unsupported.ts';

export interface Effort {
  readonly max_tokens: number;
  readonly thinking?: JsonObject;
  readonly effort?: string;
}

/**
 * `reasoning_effort` as Claude's thinking, and the bound of the answer, which includes it. Newer models decide
 * themselves within an effort; older ones want a budget, and go on thinking after a tool's result only where the client
 * sends their thoughts back, which this dialect has no place for.
 */
export function translateEffort(
  effort: unknown,
  asked: {
    readonly model: string;
    readonly maxTokens: number | null;
    readonly endsWithToolResult: boolean;
    /** Claude does not think where it has no choice but to call a tool. */
    readonly mustCallTool: boolean;
  },
): Effort {
  const { model, maxTokens, mustCallTool } = asked;
  const usual = oldest.test(model) ? 4096 : 8192;
  const max_tokens = maxTokens ?? usual;
  if (effort === undefined || effort === null) return { max_tokens };
  const level = efforts.get(effort);
  if (level === undefined) {
    throw unsupported('reasoning_effort', `Use one of ${[...efforts.keys()].join(', ')}.`);
  }
  if (withoutThinking.test(model)) {
    if (effort === 'none') return { max_tokens };
    throw unsupported('reasoning_effort', `The model ${model} does not reason.`);
  }
  if (!withBudget.test(model)) {
    if (effort === 'none') return { max_tokens, thinking: { type: 'disabled' } };
    if (mustCallTool) return { max_tokens, effort: level.effort };
    const room = maxTokens ?? usual + level.budget;
    return { max_tokens: room, thinking: { type: 'adaptive' }, effort: level.effort };
  }
  if (effort === 'none' || mustCallTool || asked.endsWithToolResult) return { max_tokens };
  if (maxTokens === null) {
    return { max_tokens: usual + level.budget, thinking: { type: 'enabled', budget_tokens: level.budget } };
  }
  if (maxTokens <= leastBudget) {
    throw invalid('max_completion_tokens', `must be above ${leastBudget} for the model to reason.`);
  }
  // Room is left for the answer itself.
  const budget_tokens = Math.max(Math.min(level.budget, Math.floor(maxTokens * 0.8)), leastBudget);
  return { max_tokens, thinking: { type: 'enabled', budget_tokens } };
}

const leastBudget = 1024;
const efforts: ReadonlyMap<unknown, { readonly effort: string; readonly budget: number }> = new Map([
  ['none', { effort: 'low', budget: 0 }],
  ['minimal', { effort: 'low', budget: 1024 }],
  ['low', { effort: 'low', budget: 2048 }],
  ['medium', { effort: 'medium', budget: 8192 }],
  ['high', { effort: 'high', budget: 16_384 }],
  ['xhigh', { effort: 'xhigh', budget: 20_000 }],
  ['max', { effort: 'max', budget: 20_000 }],
]);

const oldest = /^claude-(?:instant|2|3-(?:opus|sonnet|haiku))/;
const withoutThinking = /^claude-(?:instant|2|3-(?!7))/;
/** Claude 3.7, 4, 4.1 and 4.5, with or without a date. */
const withBudget = /^claude-(?:3-7|(?:opus|sonnet|haiku)-4(?:-[015])?(?:-\d{8}|-latest|@.*)?$)/;
