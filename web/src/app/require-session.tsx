import { Navigate, Outlet, useLocation } from 'react-router';
import { paths } from '@/lib/paths.ts';
import { useSession } from '@/lib/session.tsx';
import { LoadingScreen } from './loading-screen.tsx';

/** Everything below needs someone signed in; who is not comes back here after signing in. */
export function RequireSession() {
  const { isLoading, session, isRecovering } = useSession();
  const location = useLocation();
  if (isLoading) return <LoadingScreen />;
  if (isRecovering) return <Navigate to={paths.resetPassword} replace />;
  if (session) return <Outlet />;
  const next = `${location.pathname}${location.search}`;
  const to = next === paths.home ? paths.signIn : `${paths.signIn}?next=${encodeURIComponent(next)}`;
  return <Navigate to={to} replace />;
}
