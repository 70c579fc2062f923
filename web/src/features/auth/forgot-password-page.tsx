import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'react-router';
import { paths } from '@/lib/paths.ts';
import { supabase } from '@/lib/supabase.ts';
import { CheckMailbox } from './check-mailbox.tsx';
import { AuthFailure } from './auth-failure.tsx';
import { FormHeading } from './form-heading.tsx';

export function ForgotPasswordPage() {
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '' } });
  const request = useMutation({
    mutationFn: async ({ email }: { email: string }) => {
      const redirectTo = `${window.location.origin}${paths.resetPassword}`;
      const { error } = await supabase().auth.resetPasswordForEmail(email, { redirectTo });
      if (error) throw error;
    },
  });
  if (request.isSuccess)
    return <CheckMailbox email={request.variables.email} purpose="choose a new password" />;
  return (
    <>
      <FormHeading title="Forgot your password?">You get a link by mail to choose a new one.</FormHeading>
      <form onSubmit={form.onSubmit((values) => request.mutate(values))}>
        <Stack gap="md">
          <AuthFailure error={request.error} />
          <TextInput
            label="Email"
            type="email"
            autoComplete="email"
            required
            withAsterisk={false}
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <Button type="submit" fullWidth loading={request.isPending}>
            Send link
          </Button>
        </Stack>
      </form>
      <Text size="sm" mt="lg">
        <Anchor component={Link} to={paths.signIn} inherit>
          Back to signing in
        </Anchor>
      </Text>
    </>
  );
}
