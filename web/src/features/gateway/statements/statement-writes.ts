import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

/** For good. Answers the statement's id. */
export async function closeMonth(organizationId: string, month: string): Promise<string> {
  return unwrap(await supabase().rpc('close_month', { organization_id: organizationId, month }));
}

/** The bytes whose SHA-256 is the statement's checksum. */
export async function fetchStatementCsv(id: string): Promise<string> {
  return unwrap(await supabase().rpc('statement_csv', { id }));
}
