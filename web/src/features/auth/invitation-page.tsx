import { useState } from 'react';
import { Anchor, Button, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { unwrap } from '@/lib/errors.ts';
import { paths } from '@/lib/paths.ts';
import { useSession } from '@/lib/session.tsx';
import { supabase } from '@/lib/supabase.ts';
import { ErrorState } from '@/ui/error-state.tsx';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { CheckMailbox } from './check-mailbox.tsx';
import { AuthFailure } from './auth-failure.tsx';
import { FormHeading } from './form-heading.tsx';
import { invitationQueries } from './invitation-queries.ts';
import { SignUpForm } from './sign-up-form.tsx';

type Invitation = { token: string; organization_name: string; email: string; role: string };

export function InvitationPage() {
  const { token = '' } = useParams();
  const { isLoading, session } = useSession();
  const query = useQuery(invitationQueries.byToken(token));
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined || isLoading) return <BlockSkeleton height={220} />;
  if (!query.data?.is_open) return <NotOpen />;
  const invitation = { ...query.data, token };
  const role = invitation.role === 'admin' ? 'an admin' : 'a member';
  return (
    <>
      <FormHeading title={`Join ${invitation.organization_name}`}>
        {query.data.invited_by_name || 'A colleague'} invites {invitation.email} as {role}.
      </FormHeading>
      {session ? (
        <Accept invitation={invitation} email={session.user.email ?? ''} />
      ) : (
        <Join invitation={invitation} />
      )}
    </>
  );
}

function Join({ invitation }: { invitation: Invitation }) {
  const navigate = useNavigate();
  const [mailedTo, setMailedTo] = useState<string>();
  const here = paths.invitation(invitation.token);
  if (mailedTo !== undefined) return <CheckMailbox email={mailedTo} purpose="confirm your address" />;
  return (
    <>
      <SignUpForm
        invitation={invitation}
        onDone={({ email, isWaiting }) => {
          if (isWaiting) setMailedTo(email);
          // Signing up with the token has accepted the invitation already.
          else void navigate(paths.home, { replace: true });
        }}
      />
      <Text size="sm" mt="lg" c="dimmed">
        You have an account?{' '}
        <Anchor component={Link} to={`${paths.signIn}?next=${encodeURIComponent(here)}`} inherit>
          Sign in
        </Anchor>
      </Text>
    </>
  );
}

function Accept({ invitation, email }: { invitation: Invitation; email: string }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const accept = useMutation({
    mutationFn: async () => {
      const id = unwrap(await supabase().rpc('accept_invitation', { token: invitation.token }));
      return unwrap(await supabase().from('organizations').select('slug').eq('id', id).maybeSingle());
    },
    onSuccess: async ({ slug }) => {
      await client.invalidateQueries();
      await navigate(paths.overview(slug), { replace: true });
    },
  });
  if (email.toLowerCase() !== invitation.email) return <WrongPerson email={email} />;
  return (
    <Stack gap="md">
      <AuthFailure error={accept.error} />
      <Button fullWidth loading={accept.isPending} onClick={() => accept.mutate()}>
        Accept invitation
      </Button>
    </Stack>
  );
}

function WrongPerson({ email }: { email: string }) {
  return (
    <Stack gap="md">
      <Text>
        You are signed in as {email}. Sign out and open the invitation with the address that it was sent to.
      </Text>
      <Button variant="default" fullWidth onClick={() => void supabase().auth.signOut({ scope: 'local' })}>
        Sign out
      </Button>
    </Stack>
  );
}

function NotOpen() {
  return (
    <>
      <FormHeading title="This invitation does not hold any more" />
      <Text>
        It was used, withdrawn, or is older than seven days. Ask the person who invited you for a new one, or{' '}
        <Anchor component={Link} to={paths.home} inherit>
          go to your own organization
        </Anchor>
        .
      </Text>
    </>
  );
}
