import { Alert, Anchor, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link, Navigate, useSearchParams } from 'react-router';
import { arrival } from '@/lib/arrival.ts';
import { paths } from '@/lib/paths.ts';
import { useSession } from '@/lib/session.tsx';
import { supabase } from '@/lib/supabase.ts';
import { AuthFailure } from './auth-failure.tsx';
import { FormHeading } from './form-heading.tsx';
import { GoogleButton } from './google-button.tsx';
import { readNext, withNext } from './read-next.ts';

export function SignInPage() {
  const [search] = useSearchParams();
  const { session } = useSession();
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '', password: '' } });
  const signIn = useMutation({
    mutationFn: async (credentials: { email: string; password: string }) => {
      const { error } = await supabase().auth.signInWithPassword(credentials);
      if (error) throw error;
    },
  });
  if (session) return <Navigate to={readNext(search)} replace />;
  return (
    <>
      <FormHeading title="Sign in" />
      {arrival.errorCode !== undefined && !signIn.isError && <StaleLink />}
      <GoogleButton destination={readNext(search)} />
      <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
        <Stack gap="md">
          <AuthFailure error={signIn.error} />
          <TextInput
            label="Email"
            type="email"
            autoComplete="email"
            required
            withAsterisk={false}
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <Button type="submit" fullWidth loading={signIn.isPending}>
            Sign in
          </Button>
        </Stack>
      </form>
      <Group justify="space-between" mt="lg">
        <Anchor component={Link} to={paths.forgotPassword} size="sm">
          Forgot your password?
        </Anchor>
        <Text size="sm">
          <Anchor component={Link} to={withNext(paths.signUp, search)} inherit>
            Create an account
          </Anchor>
        </Text>
      </Group>
    </>
  );
}

function StaleLink() {
  return (
    <Alert color="orange" variant="light" p="sm" mb="md">
      That link was used before or is too old. Sign in, or ask for a new one under “Forgot your password?”.
    </Alert>
  );
}
