import type { RuleTester } from 'oxlint/plugins-dev';

/** oxlint exports its rule type only through the tester. */
export type Rule = Parameters<RuleTester['run']>[1];
