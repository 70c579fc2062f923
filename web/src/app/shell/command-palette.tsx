import '@mantine/spotlight/styles.css';
import { useMantineColorScheme } from '@mantine/core';
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import {
  IconBuilding,
  IconLogout,
  IconMoon,
  IconPlus,
  IconSearch,
  IconSun,
  IconUser,
} from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import type { Organization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { navigationOf } from './navigation.ts';
import { signOut } from './sign-out.ts';

type CommandPaletteProps = { organization: Organization; organizations: Organization[] };

/** ⌘K: every page, every organization, and what can be done from anywhere. */
export function CommandPalette({ organization, organizations }: CommandPaletteProps) {
  const navigate = useNavigate();
  const go = (to: string) => () => void navigate(to);
  const commands = useCommands(go);
  const pages = navigationOf(organization).flatMap(({ items }) => items);
  const others = organizations.filter(({ id }) => id !== organization.id);
  const actions: SpotlightActionGroupData[] = [
    {
      group: 'Pages',
      actions: pages.map(({ label, icon: PageIcon, to, keywords }) => ({
        id: to,
        label,
        ...(keywords ? { keywords } : {}),
        leftSection: <PageIcon size={18} stroke={1.5} />,
        onClick: go(to),
      })),
    },
    {
      group: 'Organizations',
      actions: others.map(({ id, name, slug }) => ({
        id,
        label: `Open ${name}`,
        leftSection: <IconBuilding size={18} stroke={1.5} />,
        onClick: go(paths.overview(slug)),
      })),
    },
    commands,
  ];
  return (
    <Spotlight
      actions={actions.filter((group) => group.actions.length > 0)}
      shortcut={['mod + K']}
      nothingFound="Nothing by that name."
      highlightQuery
      scrollable
      maxHeight={400}
      transitionProps={{ duration: 100 }}
      searchProps={{
        leftSection: <IconSearch size={18} stroke={1.5} />,
        placeholder: 'Go to a page or run a command',
        'aria-label': 'Search pages and commands',
      }}
    />
  );
}

function useCommands(go: (to: string) => () => void): SpotlightActionGroupData {
  const { setColorScheme } = useMantineColorScheme();
  return {
    group: 'Commands',
    actions: [
      command('profile', 'Open your profile', IconUser, go(paths.profile)),
      command('new-organization', 'Create an organization', IconPlus, go(paths.newOrganization)),
      command('light', 'Use the light color scheme', IconSun, () => setColorScheme('light')),
      command('dark', 'Use the dark color scheme', IconMoon, () => setColorScheme('dark')),
      command('sign-out', 'Sign out', IconLogout, () => void signOut()),
    ],
  };
}

const command = (id: string, label: string, CommandIcon: typeof IconUser, onClick: () => void) => ({
  id,
  label,
  leftSection: <CommandIcon size={18} stroke={1.5} />,
  onClick,
});
