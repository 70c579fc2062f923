import { Anchor, Button, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { paths } from '@/lib/paths.ts';
import { useSession } from '@/lib/session.tsx';
import { supabase } from '@/lib/supabase.ts';
import { notifyDone } from '@/ui/notify.ts';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { AuthFailure } from './auth-failure.tsx';
import { FormHeading } from './form-heading.tsx';

/** Where the link of a forgotten-password mail leads: it carries a session, and here it gets a new password. */
export function ResetPasswordPage() {
  const { isLoading, session } = useSession();
  if (isLoading) return <BlockSkeleton height={160} />;
  return session ? <NewPasswordForm /> : <StaleLink />;
}

function NewPasswordForm() {
  const navigate = useNavigate();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '' },
    validate: { password: (value) => (value.length < 8 ? 'Use at least 8 characters.' : null) },
  });
  const change = useMutation({
    mutationFn: async ({ password }: { password: string }) => {
      const { error } = await supabase().auth.updateUser({ password });
      if (error) throw error;
    },
    onSuccess: () => {
      notifyDone('Your new password is set.');
      void navigate(paths.home, { replace: true });
    },
  });
  return (
    <>
      <FormHeading title="Choose a new password" />
      <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
        <Stack gap="md">
          <AuthFailure error={change.error} />
          <PasswordInput
            label="New password"
            description="At least 8 characters"
            autoComplete="new-password"
            required
            withAsterisk={false}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <Button type="submit" fullWidth loading={change.isPending}>
            Set password
          </Button>
        </Stack>
      </form>
    </>
  );
}

function StaleLink() {
  return (
    <>
      <FormHeading title="This link does not hold any more" />
      <Text>
        It was used before or is too old.{' '}
        <Anchor component={Link} to={paths.forgotPassword} inherit>
          Ask for a new one
        </Anchor>
        .
      </Text>
    </>
  );
}
