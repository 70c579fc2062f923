import { useQuery } from '@tanstack/react-query';
import { Navigate } from 'react-router';
import { organizationQueries } from '@/features/tenancy/organizations/organization-queries.ts';
import { readLastOrganization } from '@/lib/last-organization.ts';
import { paths } from '@/lib/paths.ts';
import { useUserId } from '@/lib/session.tsx';
import { FailureScreen } from './failure-screen.tsx';
import { LoadingScreen } from './loading-screen.tsx';

/** `/` leads to the organization that was open last. */
export function HomeRedirect() {
  const organizations = useQuery(organizationQueries.mine(useUserId()));
  if (organizations.isError)
    return <FailureScreen error={organizations.error} onRetry={() => void organizations.refetch()} />;
  if (!organizations.data) return <LoadingScreen />;
  const last = readLastOrganization();
  const organization = organizations.data.find(({ slug }) => slug === last) ?? organizations.data[0];
  if (!organization) return <Navigate to={paths.newOrganization} replace />;
  return <Navigate to={paths.overview(organization.slug)} replace />;
}
