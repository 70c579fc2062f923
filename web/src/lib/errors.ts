import { z } from 'zod';

/** A request that was answered with an error, or not at all (`status` 0). */
export class RequestError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  readonly requestId: string | undefined;
  /** The message is a sentence for people; what the database says is not. */
  readonly isForPeople: boolean;

  constructor(facts: {
    code: string;
    status: number;
    message: string;
    details?: Readonly<Record<string, unknown>> | undefined;
    requestId?: string | undefined;
    isForPeople?: boolean;
  }) {
    super(facts.message);
    this.name = 'RequestError';
    this.code = facts.code;
    this.status = facts.status;
    this.details = facts.details ?? {};
    this.requestId = facts.requestId;
    this.isForPeople = facts.isForPeople ?? false;
  }
}

type PostgrestAnswer<Data> = {
  data: Data;
  error: { message: string; code: string; details: string | null } | null;
  status: number;
};

/** The data of a Data API answer. Throws a RequestError whose code is what the SQL refused with, e.g. `last_owner`. */
export function unwrap<Data>(answer: PostgrestAnswer<Data>): NonNullable<Data> {
  if (answer.error) throw fromPostgrest(answer.error, answer.status);
  if (answer.data === null || answer.data === undefined) {
    throw new RequestError({ code: 'not_found', status: 404, message: 'Nothing was found.' });
  }
  return answer.data;
}

/** For writes that answer no rows. */
export function requireSuccess(answer: PostgrestAnswer<unknown>): void {
  if (answer.error) throw fromPostgrest(answer.error, answer.status);
}

const Details = z.record(z.string(), z.unknown());

function fromPostgrest(
  error: { message: string; code: string; details: string | null },
  status: number,
): RequestError {
  const isRefusal = error.code.startsWith('PT');
  const isCheck = error.message.includes('violates check constraint');
  return new RequestError({
    // The embedded Data API answers a failed check as a 500 without its SQLSTATE.
    code: isRefusal ? error.message : isCheck ? '23514' : error.code || 'unreachable',
    status: isCheck ? 400 : status,
    message: error.message,
    details: isRefusal ? parseDetails(error.details) : { constraint: constraintIn(error.message) },
  });
}

function parseDetails(text: string | null): Record<string, unknown> {
  try {
    return Details.parse(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}

const constraintIn = (message: string): string | undefined => /constraint "([^"]+)"/.exec(message)?.[1];
