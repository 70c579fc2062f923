import type { NavigateFunction } from 'react-router';
import { paths } from '@/lib/paths.ts';
import { supabase } from '@/lib/supabase.ts';
import { notifyError } from '@/ui/notify.ts';

/** This browser only. Whoever signs in next begins anew, not at the page that was open. */
export async function signOut(navigate: NavigateFunction): Promise<void> {
  const { error } = await supabase().auth.signOut({ scope: 'local' });
  if (error) notifyError(error);
  else await navigate(paths.signIn, { replace: true });
}
