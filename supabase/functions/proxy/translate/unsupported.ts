import { AppError } from '../../_shared/errors.ts';

/** The refusal of what has no translation; `reason` says what to do instead. */
export function unsupported(param: string, reason = 'Leave it out.'): AppError {
  return new AppError('unsupported_parameter', { param, reason });
}

/** The refusal of what no dialect would accept. */
export function invalid(param: string, reason: string): AppError {
  return new AppError('invalid_request', { param, reason: `"${param}" ${reason}` });
}
