import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { paths } from '@/lib/paths.ts';
import { FormHeading } from './form-heading.tsx';

export function CheckMailbox({ email, purpose }: { email: string; purpose: string }) {
  return (
    <Stack gap="md" component="output">
      <FormHeading title="Check your mailbox" />
      <Text>
        If <strong>{email}</strong> can receive it, a link is on its way. Open it to {purpose}.
      </Text>
      <Text c="dimmed" size="sm">
        Nothing after a few minutes? Look in the spam folder, or{' '}
        <Anchor component={Link} to={paths.signIn} inherit>
          go back to signing in
        </Anchor>
        .
      </Text>
    </Stack>
  );
}
