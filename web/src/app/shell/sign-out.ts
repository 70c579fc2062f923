import { notifyError } from '@/ui/notify.ts';
import { supabase } from '@/lib/supabase.ts';

/** This browser only; RequireSession then leads to the sign-in page. */
export async function signOut(): Promise<void> {
  const { error } = await supabase().auth.signOut({ scope: 'local' });
  if (error) notifyError(error);
}
