import { Button, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { invitationQueries } from './invitation-queries.ts';
import { InvitationTable } from './invitation-table.tsx';
import { InviteModal } from './invite-modal.tsx';
import { memberLimitQuery } from './member-limit-query.ts';
import { type Member, memberQueries, nameOf } from './member-queries.ts';
import { MemberTable } from './member-table.tsx';

export function MembersPage() {
  const organization = useOrganization();
  const [isInviting, invite] = useDisclosure(false);
  const members = useQuery(memberQueries.list(organization.id));
  return (
    <>
      <PageHeader
        title="Members"
        description={<Description members={members.data} />}
        actions={
          organization.canManage && (
            <Button leftSection={<IconUserPlus size={16} stroke={1.5} aria-hidden />} onClick={invite.open}>
              Invite
            </Button>
          )
        }
      />
      <Stack gap="xl">
        <AsyncView query={members} skeleton={<TableSkeleton rows={3} label="Loading members" />}>
          {(rows) => <MemberTable members={rows} />}
        </AsyncView>
        {organization.canManage && <OpenInvitations />}
      </Stack>
      <InviteModal isOpen={isInviting} onClose={invite.close} />
    </>
  );
}

function OpenInvitations() {
  const invitations = useQuery(invitationQueries.open(useOrganization().id));
  if (invitations.data?.length === 0) return null;
  return (
    <section aria-label="Open invitations">
      <Title order={2} mb="sm">
        Open invitations
      </Title>
      <AsyncView query={invitations} skeleton={<TableSkeleton rows={1} label="Loading invitations" />}>
        {(rows) => <InvitationTable invitations={rows} />}
      </AsyncView>
    </section>
  );
}

/** For admins how much room the plan leaves; for members who can change something here. */
function Description({ members }: { members: Member[] | undefined }) {
  const organization = useOrganization();
  const limit = useQuery(memberLimitQuery(organization)).data;
  if (!members) return <Text inherit>&nbsp;</Text>;
  if (!organization.canManage) {
    const managers = members.filter(({ role }) => role !== 'member').map(nameOf);
    return `Inviting people and changing roles is up to ${new Intl.ListFormat('en', { type: 'disjunction' }).format(managers)}.`;
  }
  if (limit === undefined || limit === null) return 'Everyone who can see this organization.';
  return `Everyone who can see this organization. Its plan has room for ${limit}, open invitations counted in.`;
}
