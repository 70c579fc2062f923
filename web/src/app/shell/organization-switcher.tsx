import { Avatar, Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconPlus, IconSelector } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Organization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import classes from './menus.module.css';

type OrganizationSwitcherProps = {
  organization: Organization;
  organizations: Organization[];
  isRail: boolean;
};

export function OrganizationSwitcher({ organization, organizations, isRail }: OrganizationSwitcherProps) {
  return (
    <Menu position="bottom-start" width={232}>
      <Menu.Target>
        <UnstyledButton className={classes.target} data-rail={isRail || undefined}>
          <VisuallyHidden>Organization{isRail && ` ${organization.name}`}</VisuallyHidden>
          <OrganizationMark organization={organization} />
          {!isRail && (
            <>
              <span className={classes.name}>{organization.name}</span>
              <IconSelector size={16} stroke={1.5} className={classes.chevron} aria-hidden />
            </>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Organizations</Menu.Label>
        {organizations.map((each) => (
          <Menu.Item
            key={each.id}
            component={Link}
            to={paths.overview(each.slug)}
            leftSection={<OrganizationMark organization={each} />}
            rightSection={each.id === organization.id ? <IconCheck size={16} aria-label="Open" /> : undefined}
          >
            <Text truncate size="sm">
              {each.name}
            </Text>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          component={Link}
          to={paths.newOrganization}
          leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
        >
          New organization
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function OrganizationMark({ organization }: { organization: Organization }) {
  return (
    <Avatar size={26} radius="md" variant="filled" color="indigo" aria-hidden>
      {organization.name.trim().charAt(0).toUpperCase()}
    </Avatar>
  );
}
