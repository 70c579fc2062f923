import { type ReactNode, createContext, use, useEffect, useState } from 'react';
import type { Session } from '@supabase/supabase-js';
import { arrival } from './arrival.ts';
import { queryClient } from './query-client.ts';
import { supabase } from './supabase.ts';

type SessionState = {
  isLoading: boolean;
  session: Session | null;
  /** Came by the link of a forgotten-password mail and has not chosen a new password yet. */
  isRecovering: boolean;
};

const initially: SessionState = { isLoading: true, session: null, isRecovering: arrival.isRecovery };
const SessionContext = createContext<SessionState>(initially);

/** Follows Auth: the first event answers what storage and the address bar held. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<SessionState>(initially);
  useEffect(() => {
    const { data } = supabase().auth.onAuthStateChange((event, session) => {
      // Nothing of one person's data may be there for the next one on the same machine.
      if (event === 'SIGNED_OUT') queryClient.clear();
      const isOver = event === 'SIGNED_OUT' || event === 'USER_UPDATED' || !session;
      setState((before) => ({ isLoading: false, session, isRecovering: before.isRecovering && !isOver }));
    });
    return () => data.subscription.unsubscribe();
  }, []);
  return <SessionContext value={state}>{children}</SessionContext>;
}

export function useSession(): SessionState {
  return use(SessionContext);
}

/** The signed-in user's id; only below a route that requires a session. */
export function useUserId(): string {
  const { session } = use(SessionContext);
  if (!session) throw new Error('useUserId needs a session.');
  return session.user.id;
}
