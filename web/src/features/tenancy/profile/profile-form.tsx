import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { profileQueries } from './profile-queries.ts';

type ProfileFormProps = { row: { user_id: string; email: string; full_name: string } };

export function ProfileForm({ row }: ProfileFormProps) {
  const client = useQueryClient();
  const form = useForm({ initialValues: { fullName: row.full_name } });
  const save = useMutation({
    mutationFn: async ({ fullName }: { fullName: string }) =>
      unwrap(
        await supabase()
          .from('profiles')
          .update({ full_name: fullName.trim() })
          .eq('user_id', row.user_id)
          .select('user_id')
          .maybeSingle(),
      ),
    onSuccess: async () => {
      form.resetDirty();
      notifyDone('Your profile is saved.');
      await client.invalidateQueries({ queryKey: profileQueries.mine(row.user_id).queryKey });
    },
    onError: notifyError,
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        <TextInput
          label="Full name"
          autoComplete="name"
          maxLength={200}
          {...form.getInputProps('fullName')}
        />
        <TextInput label="Email" value={row.email} readOnly variant="filled" />
        <Group>
          <Button type="submit" disabled={!form.isDirty()} loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
