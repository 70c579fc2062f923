import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { Section } from '@/ui/section.tsx';
import { FormSkeleton } from '@/ui/skeletons.tsx';
import { organizationQueries } from '../organizations/organization-queries.ts';
import { DeleteOrganization } from './delete-organization.tsx';
import { GeneralFacts } from './general-facts.tsx';
import { GeneralForm } from './general-form.tsx';
import { LeaveOrganization } from './leave-organization.tsx';
import { PersonalKeysForm } from './personal-keys-form.tsx';
import { PreferencesForm } from './preferences-form.tsx';
import { TransferOrganization } from './transfer-organization.tsx';
import { WeeklyReportSwitch } from './weekly-report-switch.tsx';

export function SettingsPage() {
  const { id, canManage, isOwner } = useOrganization();
  const query = useQuery(organizationQueries.detail(id));
  return (
    <>
      <PageHeader
        title="Settings"
        {...(canManage ? {} : { description: 'An owner or admin can change what stands here.' })}
      />
      <AsyncView query={query} skeleton={<FormSkeleton fields={4} />}>
        {(row) => (
          <>
            <Section title="General" description="How the organization appears to its members.">
              {canManage ? <GeneralForm row={row} /> : <GeneralFacts row={row} />}
            </Section>
            {canManage && (
              <Section title="Calls" description="How the proxy treats calls where there is a choice.">
                <PreferencesForm row={row} />
              </Section>
            )}
            {canManage && (
              <Section title="Personal keys" description="What members may do without asking an admin.">
                <PersonalKeysForm row={row} />
              </Section>
            )}
            {canManage && (
              <Section title="Mail" description="What owners and admins are told beside alerts.">
                <WeeklyReportSwitch row={row} />
              </Section>
            )}
            {isOwner && (
              <Section title="Ownership" description="Hand the organization to someone else.">
                <TransferOrganization />
              </Section>
            )}
            <Section title="Leave" description="You lose access; what you made stays.">
              <LeaveOrganization />
            </Section>
            {isOwner && (
              <Section title="Delete" description="There is no way back.">
                <DeleteOrganization />
              </Section>
            )}
          </>
        )}
      </AsyncView>
    </>
  );
}
