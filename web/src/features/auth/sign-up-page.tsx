import { useState } from 'react';
import { Anchor, Text } from '@mantine/core';
import { Link, Navigate, useSearchParams } from 'react-router';
import { paths } from '@/lib/paths.ts';
import { useSession } from '@/lib/session.tsx';
import { CheckMailbox } from './check-mailbox.tsx';
import { FormHeading } from './form-heading.tsx';
import { GoogleButton } from './google-button.tsx';
import { readNext, withNext } from './read-next.ts';
import { SignUpForm } from './sign-up-form.tsx';

/** A new person with an organization of their own; who is invited signs up on the invitation's page. */
export function SignUpPage() {
  const [search] = useSearchParams();
  const { session } = useSession();
  const [mailedTo, setMailedTo] = useState<string>();
  const destination = readNext(search, paths.onboarding);
  if (session) return <Navigate to={destination} replace />;
  if (mailedTo !== undefined) return <CheckMailbox email={mailedTo} purpose="confirm your address" />;
  return (
    <>
      <FormHeading title="Create your account">Free for two people and $50 of AI a month.</FormHeading>
      <GoogleButton destination={destination} />
      <SignUpForm onDone={({ email, isWaiting }) => setMailedTo(isWaiting ? email : undefined)} />
      <Text size="sm" mt="lg" c="dimmed">
        You have an account?{' '}
        <Anchor component={Link} to={withNext(paths.signIn, search)} inherit>
          Sign in
        </Anchor>
      </Text>
    </>
  );
}
