import { useLedgerNames } from '../reports/use-ledger-names.ts';
import type { Budget } from './budget-queries.ts';
import { isBudgetScope, scopeWords } from './budget-words.ts';

type Named = Pick<Budget, 'scope' | 'scope_id'>;

/** What a budget binds, in the words that people gave it: `Project Alpha`, `Tag batch`. */
export function useBudgetName(): (budget: Named) => { kind: string; name: string } {
  const names = useLedgerNames();
  return ({ scope, scope_id: id }) => {
    const kind = isBudgetScope(scope) ? scopeWords[scope] : scope;
    if (scope === 'organization') return { kind: '', name: kind };
    if (scope === 'project') return { kind, name: names.project(id) };
    if (scope === 'proxy_key') return { kind, name: names.proxyKey(id) };
    if (scope === 'agent') return { kind, name: names.agent(id) };
    return { kind, name: scope === 'user' ? names.user(id) : id };
  };
}
