import '@mantine/spotlight/styles.css';
import { useState } from 'react';
import { useMantineColorScheme } from '@mantine/core';
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import {
  type Icon,
  IconBuilding,
  IconFolder,
  IconLogout,
  IconMoon,
  IconPlus,
  IconSearch,
  IconSun,
  IconUser,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { projectQueries } from '@/features/gateway/projects/project-queries.ts';
import { memberQueries, nameOf } from '@/features/tenancy/members/member-queries.ts';
import type { Organization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { navigationOf } from './navigation.ts';
import { signOut } from './sign-out.ts';

type CommandPaletteProps = { organization: Organization; organizations: Organization[] };

/** ⌘K: every page, project, person and organization, and what can be done from anywhere. */
export function CommandPalette({ organization, organizations }: CommandPaletteProps) {
  const [wasOpened, setWasOpened] = useState(false);
  const navigate = useNavigate();
  const go = (to: string) => () => void navigate(to);
  const groups: SpotlightActionGroupData[] = [
    pagesGroup(organization, go),
    useProjectsGroup(organization, wasOpened, go),
    useMembersGroup(organization, wasOpened, go),
    organizationsGroup(
      organizations.filter(({ id }) => id !== organization.id),
      go,
    ),
    useCommandsGroup(go, () => void signOut(navigate)),
  ];
  return (
    <Spotlight
      actions={groups.filter((group) => group.actions.length > 0)}
      onSpotlightOpen={() => setWasOpened(true)}
      shortcut={['mod + K']}
      nothingFound="Nothing by that name."
      highlightQuery
      scrollable
      maxHeight={400}
      transitionProps={{ duration: 100 }}
      overlayProps={{ backgroundOpacity: 0.2, blur: 0 }}
      attributes={{ content: { 'aria-label': 'Search' } }}
      styles={{ content: { border: '1px solid var(--hq-line-strong)' } }}
      searchProps={{
        leftSection: <IconSearch size={18} stroke={1.5} />,
        placeholder: 'Search pages, projects, people and commands',
        'aria-label': 'Search pages, projects, people and commands',
      }}
    />
  );
}

type Go = (to: string) => () => void;

function action(id: string, label: string, ActionIcon: Icon, onClick: () => void, keywords: string[] = []) {
  return { id, label, keywords, leftSection: <ActionIcon size={18} stroke={1.5} />, onClick };
}

function pagesGroup(organization: Organization, go: Go): SpotlightActionGroupData {
  const pages = navigationOf(organization).flatMap(({ items }) => items);
  return {
    group: 'Pages',
    actions: pages.map(({ label, icon, to, keywords }) => action(to, label, icon, go(to), keywords)),
  };
}

function useProjectsGroup({ id, slug }: Organization, enabled: boolean, go: Go): SpotlightActionGroupData {
  const projects = useQuery({ ...projectQueries.list(id), enabled }).data ?? [];
  return {
    group: 'Projects',
    actions: projects
      .filter((project) => project.archived_at === null)
      .map((project) =>
        action(project.id, project.name, IconFolder, go(paths.project(slug, project.id)), ['project']),
      ),
  };
}

function useMembersGroup({ id, slug }: Organization, enabled: boolean, go: Go): SpotlightActionGroupData {
  const members = useQuery({ ...memberQueries.list(id), enabled }).data ?? [];
  return {
    group: 'People',
    actions: members.map((member) =>
      action(member.userId, nameOf(member), IconUser, go(paths.members(slug)), [member.email, 'member']),
    ),
  };
}

function organizationsGroup(others: Organization[], go: Go): SpotlightActionGroupData {
  return {
    group: 'Organizations',
    actions: others.map(({ id, name, slug }) =>
      action(id, `Open ${name}`, IconBuilding, go(paths.overview(slug))),
    ),
  };
}

function useCommandsGroup(go: Go, leave: () => void): SpotlightActionGroupData {
  const { setColorScheme } = useMantineColorScheme();
  return {
    group: 'Commands',
    actions: [
      action('profile', 'Open your profile', IconUser, go(paths.profile)),
      action('new-organization', 'Create an organization', IconPlus, go(paths.newOrganization)),
      action('light', 'Use the light color scheme', IconSun, () => setColorScheme('light')),
      action('dark', 'Use the dark color scheme', IconMoon, () => setColorScheme('dark')),
      action('sign-out', 'Sign out', IconLogout, leave),
    ],
  };
}
