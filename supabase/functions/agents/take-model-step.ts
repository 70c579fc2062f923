import { CallOutcome, type ModelOutput, type TaskStep } from '../_shared/contracts/agents.ts';
import { unwrap, unwrapNothing } from '../_shared/db.ts';
import { AppError, isErrorCode } from '../_shared/errors.ts';
import { beginStep } from './begin-step.ts';
import { type CallFailure, callModel } from './call-model.ts';
import { createAnswerReader } from './read-answer.ts';
import { StepFailure } from './step-failure.ts';
import type { Work } from './work-on-task.ts';

/**
 * Asks the model, once. What counts is the answer that the ledger keeps with the call's settlement, whether we heard it
 * ourselves or whoever began this step did: so nothing is asked, or paid, again.
 */
export async function takeModelStep(work: Work, steps: readonly TaskStep[]): Promise<TaskStep | null> {
  const { parts, lease, failAt } = work;
  const begun = await beginStep(work, { kind: 'model', call_id: crypto.randomUUID() });
  if (begun === null) return null;
  const { step } = begun;
  const failure =
    begun.call.state === 'none' ? await callModel(work, step.number, step.call_id ?? '', steps) : null;
  const outcome = begun.call.state === 'settled' ? begun.call : await awaitOutcome(work, step.number);
  await failAt('call-settled');
  const output = readOutput(outcome);
  if (output === null) throw describeFailure(outcome, failure);
  unwrapNothing(
    await parts.db.rpc('finish_step', {
      ...lease.named,
      step_number: step.number,
      text: output.content,
      output,
    }),
  );
  return { ...step, status: 'done', text: output.content, output };
}

/** Settlement follows an answer within milliseconds; a call that another executor began may still be under way. */
async function awaitOutcome({ parts, lease }: Work, stepNumber: number): Promise<CallOutcome> {
  for (let delayMs = 10; ; delayMs = Math.min(delayMs * 1.5, 1000)) {
    lease.lost.throwIfAborted();
    const asked = await parts.db.rpc('read_step_call', { ...lease.named, step_number: stepNumber });
    const outcome = CallOutcome.parse(unwrap(asked));
    if (outcome.state !== 'open') return outcome;
    lease.timeUp.throwIfAborted();
    await new Promise((resolve) => {
      setTimeout(resolve, delayMs);
    });
  }
}

function readOutput({ answer }: CallOutcome): ModelOutput | null {
  if (answer === null || answer === undefined) return null;
  const reader = createAnswerReader();
  reader.push(answer);
  return reader.whole();
}

function describeFailure(outcome: CallOutcome, failure: CallFailure | null): StepFailure {
  // An answer that is kept will not read better later.
  const isUnreadable = outcome.answer !== null && outcome.answer !== undefined;
  const code = isUnreadable
    ? 'malformed_upstream_response'
    : (failure?.code ?? outcome.code ?? 'upstream_disconnected');
  const message =
    failure?.message ??
    (isErrorCode(code) ? new AppError(code).message : `The model's call failed: ${code}.`);
  const isFinal = isUnreadable || finalCodes.has(code) || (failure?.isFinal ?? false);
  return new StepFailure(code, message, { isFinal, retryAfterSeconds: failure?.retryAfterSeconds ?? null });
}

/** What a person has to change first. */
const finalCodes: ReadonlySet<string> = new Set([
  'budget_exceeded',
  'frozen',
  'no_provider_credential',
  'project_archived',
  'model_not_found',
  'model_not_allowed',
  'unsupported_parameter',
  'wrong_endpoint',
  'invalid_request',
  'provider_credential_rejected',
]);
