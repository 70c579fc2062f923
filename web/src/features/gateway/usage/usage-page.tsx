import { useMemo } from 'react';
import { Button } from '@mantine/core';
import { IconArchive } from '@tabler/icons-react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { PageHeader } from '@/ui/page-header.tsx';
import { CallDrawer } from './call-drawer.tsx';
import { CallList } from './call-list.tsx';
import { ExportButton } from './export-button.tsx';
import { UsageFilterBar } from './usage-filter-bar.tsx';
import { parseUsageFilters, toSearch } from './usage-filters.ts';

/** Every call; the one in the address stands open in a drawer. */
export function UsagePage() {
  const { id, slug, timeZone, canManage } = useOrganization();
  const { callId } = useParams();
  const [searchParams] = useSearchParams();
  const navigate = useNavigate();
  const filters = useMemo(() => parseUsageFilters(searchParams), [searchParams]);
  const search = toSearch(filters);
  const scope = useMemo(() => ({ organizationId: id, timeZone, filters }), [id, timeZone, filters]);
  // At once, not as a transition: a checkbox of a filter shows what the address says.
  const goTo = (path: string): void => void navigate(path, { preventScrollReset: true, flushSync: true });
  return (
    <>
      <PageHeader
        title="Usage"
        description="Every call, from the moment it is admitted."
        actions={
          <>
            {canManage && (
              <Button
                component={Link}
                to={paths.archives(slug)}
                variant="default"
                leftSection={<IconArchive size={16} stroke={1.5} aria-hidden />}
              >
                Archives
              </Button>
            )}
            <ExportButton scope={scope} />
          </>
        }
      />
      <UsageFilterBar filters={filters} onChange={(next) => goTo(`${paths.usage(slug)}${toSearch(next)}`)} />
      <CallList key={search} scope={scope} />
      <CallDrawer callId={callId} onClose={() => goTo(`${paths.usage(slug)}${search}`)} />
    </>
  );
}
