import { useState } from 'react';
import { Stack, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { MailedNotificationKind } from '@contracts/notifications.ts';
import { requireSuccess } from '@/lib/errors.ts';
import { useUserId } from '@/lib/session.tsx';
import { supabase } from '@/lib/supabase.ts';
import { notifyError } from '@/ui/notify.ts';
import { profileQueries } from '../profile/profile-queries.ts';
import { wantsMail } from './wants-mail.ts';

const words: Readonly<Record<MailedNotificationKind, { label: string; description: string }>> = {
  approval_needed: { label: 'Approvals', description: 'A task of yours waits until you approve it.' },
  task_failed: { label: 'Failed tasks', description: 'An agent gave up a task of yours.' },
  task_completed: { label: 'Completed tasks', description: 'An agent completed a task of yours.' },
  budget_warning: {
    label: 'Budget warnings',
    description: 'Where you are an owner or admin, and the organization mails its alerts to admins.',
  },
  weekly_report: {
    label: 'Weekly reports',
    description: 'Where you are an owner or admin, and the organization sends them: what last week cost.',
  },
};

/** What is mailed beside being in the bell; each switch saves by itself. */
export function MailPreferences({ preferences }: { preferences: unknown }) {
  const userId = useUserId();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Partial<Record<MailedNotificationKind, boolean>>>({});
  const save = useMutation({
    // One after the other, so that the last choice is the one that stays.
    scope: { id: 'mail-preferences' },
    mutationFn: async (choice: { kind: MailedNotificationKind; is_wanted: boolean }) =>
      requireSuccess(await supabase().rpc('set_mail_preference', choice)),
    onError: (error) => {
      setChosen({});
      notifyError(error);
    },
    onSettled: () => client.invalidateQueries({ queryKey: profileQueries.mine(userId).queryKey }),
  });
  const choose = (kind: MailedNotificationKind, isWanted: boolean): void => {
    setChosen((before) => ({ ...before, [kind]: isWanted }));
    save.mutate({ kind, is_wanted: isWanted });
  };
  return (
    <Stack gap="md">
      {MailedNotificationKind.options.map((kind) => (
        <Switch
          key={kind}
          {...words[kind]}
          checked={chosen[kind] ?? wantsMail(preferences, kind)}
          onChange={({ currentTarget }) => choose(kind, currentTarget.checked)}
        />
      ))}
    </Stack>
  );
}
