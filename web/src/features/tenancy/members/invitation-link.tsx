import { Stack, Text } from '@mantine/core';
import type { SentInvitation } from '@contracts/tenancy.ts';
import { SecretField } from '@/ui/secret-field.tsx';

/** After sending: whether the mail went out, and the link for handing it over by other means. */
export function InvitationLink({ email, sent }: { email: string; sent: SentInvitation }) {
  return (
    <Stack gap="md">
      <Text>
        {sent.isMailed
          ? `${email} has the invitation in their mailbox. It holds for seven days.`
          : `No mail could be sent to ${email}. Give them this link yourself; it holds for seven days.`}
      </Text>
      <SecretField label="Invitation link" value={sent.link} />
      <Text size="xs" c="dimmed">
        Only {email} can use it. It is not shown again.
      </Text>
    </Stack>
  );
}
