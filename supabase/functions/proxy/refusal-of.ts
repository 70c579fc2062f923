import { AppError, isErrorCode } from '../_shared/errors.ts';
import type { Refused } from './ledger.ts';
import type { ProxyConfig } from './proxy.ts';

/** The ledger's refusal as the error of the same name; details go along, with where to see the budget and ask for more. */
export function refusalOf(
  { appUrl }: Pick<ProxyConfig, 'appUrl'>,
  { code, details, rates }: Refused,
): AppError {
  if (!isErrorCode(code)) return new AppError('call_refused', { code });
  const { budget_id: budgetId, organization_slug: slug } = details ?? {};
  const isLinked = appUrl !== null && typeof budgetId === 'string' && typeof slug === 'string';
  return new AppError(code, {
    ...details,
    ...(rates != null && { rates }),
    ...(isLinked && { budget_url: `${appUrl}/${slug}/budgets/${budgetId}` }),
  });
}
