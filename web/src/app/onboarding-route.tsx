import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate } from 'react-router';
import { OnboardingPage } from '@/features/gateway/onboarding/onboarding-page.tsx';
import { organizationQueries } from '@/features/tenancy/organizations/organization-queries.ts';
import { saveOnboarding } from '@/features/tenancy/organizations/save-onboarding.ts';
import { readLastOrganization } from '@/lib/last-organization.ts';
import { type Organization, OrganizationProvider } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { useUserId } from '@/lib/session.tsx';
import { notifyError } from '@/ui/notify.ts';
import { FailureScreen } from './failure-screen.tsx';
import { LoadingScreen } from './loading-screen.tsx';

/** The first steps of the organization that was open last; members have none to do. */
export function OnboardingRoute() {
  const organizations = useQuery(organizationQueries.mine(useUserId()));
  if (organizations.isError && !organizations.data)
    return <FailureScreen error={organizations.error} onRetry={() => void organizations.refetch()} />;
  if (!organizations.data) return <LoadingScreen />;
  const last = readLastOrganization();
  const organization =
    organizations.data.find(({ slug }) => slug === last) ??
    organizations.data.find(({ canManage }) => canManage) ??
    organizations.data[0];
  if (!organization) return <Navigate to={paths.newOrganization} replace />;
  if (!organization.canManage || organization.onboarding !== 'open')
    return <Navigate to={paths.overview(organization.slug)} replace />;
  return (
    <OrganizationProvider value={organization}>
      <Onboarding organization={organization} />
    </OrganizationProvider>
  );
}

function Onboarding({ organization }: { organization: Organization }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const finish = async (outcome: 'done' | 'skipped'): Promise<void> => {
    try {
      await saveOnboarding(organization.id, outcome);
    } catch (error) {
      notifyError(error);
      return;
    }
    await navigate(paths.overview(organization.slug), { replace: true });
    await client.invalidateQueries({ queryKey: organizationQueries.all });
  };
  return <OnboardingPage onFinish={finish} />;
}
