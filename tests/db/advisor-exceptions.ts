/** A finding of `supabase db advisors` that stays, and why. */
export type AdvisorException = {
  lint: string;
  schema: string;
  /** Without it: any table of the schema. */
  table?: string;
  reason: string;
};

/** There is none for errors and warnings, and none may be added without a reason that outlives its author. */
export const advisorExceptions: AdvisorException[] = [
  {
    lint: 'rls_enabled_no_policy',
    schema: 'private',
    reason: 'Nobody may read these tables: row-level security without a policy is what says so.',
  },
  {
    lint: 'unused_index',
    schema: 'public',
    reason: 'A young database has not used every index; foreign keys need theirs when rows are deleted.',
  },
  {
    lint: 'unused_index',
    schema: 'private',
    reason: 'As in public.',
  },
  {
    lint: 'no_primary_key',
    schema: 'private',
    reason:
      'The ledger’s months: a call’s id is unique while it is open. Deltas: a key would cost every call, for seconds.',
  },
  {
    lint: 'no_primary_key',
    schema: 'public',
    table: 'open_calls',
    reason:
      'The ledger’s part in flight, which takes its keys from the ledger; ids are unique here by constraint.',
  },
  {
    lint: 'no_primary_key',
    schema: '_local',
    table: 'seeding',
    reason: 'One row of the embedded stack’s own, which hosted Supabase does not have.',
  },
];
