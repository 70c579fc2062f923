import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { supabase } from '@/lib/supabase.ts';
import { notifyDone } from '@/ui/notify.ts';

/** Asks for the present password, so that an unlocked screen is not enough to take an account over. */
export function PasswordForm() {
  const form = useForm({
    initialValues: { current: '', next: '' },
    validate: { next: (value) => (value.length < 8 ? 'Use at least 8 characters.' : null) },
  });
  const change = useMutation({
    mutationFn: changePassword,
    onSuccess: () => {
      form.reset();
      notifyDone('Your new password is set.');
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <Stack gap="md">
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          {...form.getInputProps('current')}
        />
        <PasswordInput
          label="New password"
          description="At least 8 characters"
          autoComplete="new-password"
          required
          withAsterisk={false}
          {...form.getInputProps('next')}
        />
        <Group>
          <Button type="submit" variant="default" disabled={!form.isDirty()} loading={change.isPending}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

class WrongPassword extends Error {}

async function changePassword({ current, next }: { current: string; next: string }): Promise<void> {
  const { auth } = supabase();
  const email = (await auth.getSession()).data.session?.user.email ?? '';
  const check = await auth.signInWithPassword({ email, password: current });
  if (check.error?.code === 'invalid_credentials') throw new WrongPassword();
  if (check.error) throw check.error;
  const { error } = await auth.updateUser({ password: next });
  if (error) throw error;
}

function fieldErrors(error: Error): { current: string } | { next: string } {
  return error instanceof WrongPassword
    ? { current: 'This is not your current password.' }
    : { next: error.message };
}
