import { Suspense } from 'react';
import { AppShell, Burger, Group, Text } from '@mantine/core';
import { useDisclosure, useLocalStorage } from '@mantine/hooks';
import { ModalsProvider } from '@mantine/modals';
import { useQuery } from '@tanstack/react-query';
import { type Location, Outlet, ScrollRestoration, useNavigation, useParams } from 'react-router';
import { OfficePresence } from '@/features/work/office/presence/office-presence.tsx';
import { NotificationBell } from '@/features/tenancy/notifications/notification-bell.tsx';
import { alertQueries } from '@/features/gateway/alerts/alert-queries.ts';
import { freezeQueries } from '@/features/gateway/freezes/freeze-queries.ts';
import { useLiveNotifications } from '@/features/tenancy/notifications/use-live-notifications.ts';
import { organizationQueries } from '@/features/tenancy/organizations/organization-queries.ts';
import { useLiveRows } from '@/lib/live/use-live-rows.ts';
import { readLastOrganization } from '@/lib/last-organization.ts';
import { type Organization, OrganizationProvider } from '@/lib/organization.tsx';
import { useUserId } from '@/lib/session.tsx';
import { PageSkeleton } from '@/ui/skeletons.tsx';
import { FailureScreen } from '../failure-screen.tsx';
import { LoadingScreen } from '../loading-screen.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { CommandPalette } from './command-palette.tsx';
import { LivePhaseNote } from './live-phase-note.tsx';
import { Sidebar } from './sidebar.tsx';
import classes from './shell.module.css';
import { useOpenOrganization } from './use-open-organization.ts';

/** Menu and page around one organization: that of the address, else the last one that was open. */
export function Shell() {
  const { slug } = useParams();
  const organizations = useQuery(organizationQueries.mine(useUserId()));
  if (organizations.isError && !organizations.data)
    return <FailureScreen error={organizations.error} onRetry={() => void organizations.refetch()} />;
  if (!organizations.data) return <LoadingScreen />;
  const wanted = slug ?? readLastOrganization();
  const found = organizations.data.find((each) => each.slug === wanted);
  const organization = found ?? (slug === undefined ? organizations.data[0] : undefined);
  if (!organization) return <NotFoundPage />;
  return (
    <OrganizationProvider value={organization}>
      <ModalsProvider>
        <Frame key={organization.id} organization={organization} organizations={organizations.data} />
      </ModalsProvider>
    </OrganizationProvider>
  );
}

type FrameProps = { organization: Organization; organizations: Organization[] };

function Frame({ organization, organizations }: FrameProps) {
  useOpenOrganization(organization);
  useLiveNotifications();
  useLiveRows(organization.id, 'alerts_moved', alertQueries.all(organization.id));
  useLiveRows(organization.id, 'freezes_moved', freezeQueries.all(organization.id));
  const [isMenuOpen, menu] = useDisclosure(false);
  const [isRail, setRail] = useLocalStorage({ key: 'khq.sidebar-rail', defaultValue: false });
  const navigation = useNavigation();
  return (
    <AppShell
      layout="alt"
      transitionDuration={150}
      header={{ height: { base: 52, sm: 0 } }}
      navbar={{ width: isRail ? 60 : 240, breakpoint: 'sm', collapsed: { mobile: !isMenuOpen } }}
    >
      <a href="#content" className={classes.skip}>
        Skip to content
      </a>
      <AppShell.Header hiddenFrom="sm" className={classes.header}>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger opened={isMenuOpen} onClick={menu.toggle} size="sm" aria-label="Open menu" />
          <Text fw="var(--mantine-font-weight-bold)" truncate flex={1}>
            {organization.name}
          </Text>
          <LivePhaseNote isRail />
          <NotificationBell position="bottom-end" />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label="Main">
        <Sidebar
          organization={organization}
          organizations={organizations}
          isRail={isRail}
          onToggleRail={() => setRail(!isRail)}
          onNavigate={menu.close}
          isMenuOpen={isMenuOpen}
        />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <div className={classes.progress} data-active={navigation.state === 'loading' || undefined} />
        <div className={classes.page}>
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        </div>
      </AppShell.Main>
      <OfficePresence />
      <ScrollRestoration getKey={scrollKey} />
      <CommandPalette organization={organization} organizations={organizations} />
    </AppShell>
  );
}

/** A drawer has its own address, and the list behind it must not move. */
const scrollKey = ({ pathname }: Location): string =>
  pathname.replace(/^(\/[^/]+\/(?:usage|budgets|alerts|office))\/.*$/, '$1');
