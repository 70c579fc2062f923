import { Avatar, Menu, Text, UnstyledButton, VisuallyHidden, useMantineColorScheme } from '@mantine/core';
import { IconLogout, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { profileQueries } from '@/features/tenancy/profile/profile-queries.ts';
import { paths } from '@/lib/paths.ts';
import { useUserId } from '@/lib/session.tsx';
import { signOut } from './sign-out.ts';
import classes from './menus.module.css';

export function UserMenu({ isRail, onNavigate }: { isRail: boolean; onNavigate: () => void }) {
  const navigate = useNavigate();
  const profile = useQuery(profileQueries.mine(useUserId())).data;
  const name = profile?.full_name || profile?.email || '';
  return (
    <Menu position="top-start" width={232}>
      <Menu.Target>
        <UnstyledButton className={classes.target} data-rail={isRail || undefined}>
          <VisuallyHidden>Your account</VisuallyHidden>
          <Avatar size={26} radius="xl" name={name} color="indigo" aria-hidden />
          {!isRail && (
            <span className={classes.person}>
              <Text truncate size="sm" span display="block">
                {name}
              </Text>
            </span>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {profile && <Menu.Label>{profile.email}</Menu.Label>}
        <Menu.Item
          component={Link}
          to={paths.profile}
          onClick={onNavigate}
          leftSection={<IconUser size={16} stroke={1.5} aria-hidden />}
        >
          Profile
        </Menu.Item>
        <Menu.Divider />
        <ColorSchemeChoice />
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} stroke={1.5} aria-hidden />}
          onClick={() => void signOut(navigate)}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function ColorSchemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu.RadioGroup
      value={colorScheme}
      onChange={(value) => setColorScheme(value === 'light' || value === 'dark' ? value : 'auto')}
    >
      <Menu.Label>Color scheme</Menu.Label>
      <Menu.RadioItem value="light">Light</Menu.RadioItem>
      <Menu.RadioItem value="dark">Dark</Menu.RadioItem>
      <Menu.RadioItem value="auto">System</Menu.RadioItem>
    </Menu.RadioGroup>
  );
}
