import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { supabase } from '@/lib/supabase.ts';
import { AuthFailure } from './auth-failure.tsx';

const leastPasswordLength = 8;

type SignUpFormProps = {
  /** Joins that organization instead of making one; the address is the invited one. */
  invitation?: { token: string; email: string };
  /** `isWaiting`: the address has to be confirmed first. Otherwise the session has begun. */
  onDone: (outcome: { email: string; isWaiting: boolean }) => void;
};

type Values = { fullName: string; organizationName: string; email: string; password: string };

export function SignUpForm({ invitation, onDone }: SignUpFormProps) {
  const form = useForm<Values>({
    mode: 'uncontrolled',
    initialValues: { fullName: '', organizationName: '', email: invitation?.email ?? '', password: '' },
    validate: {
      password: (value) =>
        value.length < leastPasswordLength ? `Use at least ${leastPasswordLength} characters.` : null,
    },
  });
  const signUp = useMutation({
    mutationFn: (values: Values) => createAccount(values, invitation?.token),
    onSuccess: ({ isWaiting }, { email }) => onDone({ email, isWaiting }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => signUp.mutate(values))}>
      <Stack gap="md">
        <AuthFailure error={signUp.error} />
        <TextInput
          label="Full name"
          autoComplete="name"
          required
          withAsterisk={false}
          maxLength={200}
          key={form.key('fullName')}
          {...form.getInputProps('fullName')}
        />
        {!invitation && (
          <TextInput
            label="Organization name"
            autoComplete="organization"
            required
            withAsterisk={false}
            maxLength={100}
            key={form.key('organizationName')}
            {...form.getInputProps('organizationName')}
          />
        )}
        <TextInput
          label="Email"
          type="email"
          autoComplete="email"
          required
          withAsterisk={false}
          readOnly={invitation !== undefined}
          variant={invitation ? 'filled' : 'default'}
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label="Password"
          description={`At least ${leastPasswordLength} characters`}
          autoComplete="new-password"
          required
          withAsterisk={false}
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <Button type="submit" fullWidth loading={signUp.isPending}>
          Create account
        </Button>
      </Stack>
    </form>
  );
}

async function createAccount(values: Values, invitationToken?: string): Promise<{ isWaiting: boolean }> {
  const { data, error } = await supabase().auth.signUp({
    email: values.email,
    password: values.password,
    options: {
      data: {
        full_name: values.fullName.trim(),
        ...(invitationToken === undefined
          ? { organization_name: values.organizationName.trim() }
          : { invitation_token: invitationToken }),
      },
    },
  });
  if (error) throw error;
  return { isWaiting: data.session === null };
}
