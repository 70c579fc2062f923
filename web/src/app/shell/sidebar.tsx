import { ActionIcon, Box, Kbd, ScrollArea, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import {
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconSearch,
  IconX,
} from '@tabler/icons-react';
import { NavLink } from 'react-router';
import { UnseenAlerts } from '@/features/gateway/alerts/unseen-alerts.tsx';
import { NotificationBell } from '@/features/tenancy/notifications/notification-bell.tsx';
import type { Organization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { LivePhaseNote } from './live-phase-note.tsx';
import { type Destination, navigationOf } from './navigation.ts';
import { OrganizationSwitcher } from './organization-switcher.tsx';
import classes from './sidebar.module.css';
import { SetupLink } from './setup-link.tsx';
import { UserMenu } from './user-menu.tsx';

type SidebarProps = {
  organization: Organization;
  organizations: Organization[];
  /** Icons only. */
  isRail: boolean;
  onToggleRail: () => void;
  onNavigate: () => void;
  isMenuOpen: boolean;
};

export function Sidebar(props: SidebarProps) {
  const { organization, organizations, onNavigate, isMenuOpen } = props;
  // On a phone the menu is always whole.
  const isRail = props.isRail && !isMenuOpen;
  return (
    <div className={classes.root} data-rail={isRail || undefined}>
      <div className={classes.top}>
        <OrganizationSwitcher organization={organization} organizations={organizations} isRail={isRail} />
        <ActionIcon
          hiddenFrom="sm"
          variant="subtle"
          color="gray"
          size="lg"
          onClick={onNavigate}
          aria-label="Close menu"
        >
          <IconX size={18} stroke={1.5} />
        </ActionIcon>
      </div>
      <SearchButton isRail={isRail} />
      <ScrollArea className={classes.scroll} type="never">
        {navigationOf(organization).map((group) => (
          <div key={group.label} className={classes.group}>
            {!isRail && (
              <Text className={classes.groupLabel} id={`menu-${group.label}`}>
                {group.label}
              </Text>
            )}
            <ul className={classes.list} aria-label={group.label}>
              {group.items.map((item) => (
                <li key={item.to}>
                  <Item item={item} isRail={isRail} onNavigate={onNavigate} organization={organization} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </ScrollArea>
      <div className={classes.bottom}>
        <LivePhaseNote isRail={isRail} />
        <SetupLink organization={organization} isRail={isRail} />
        <div className={classes.footer}>
          <UserMenu isRail={isRail} onNavigate={onNavigate} />
          <Box visibleFrom="sm">
            <NotificationBell position="right-end" />
          </Box>
          <RailToggle isRail={isRail} onToggle={props.onToggleRail} />
        </div>
      </div>
    </div>
  );
}

type ItemProps = { item: Destination; isRail: boolean; onNavigate: () => void; organization: Organization };

function Item({ item, isRail, onNavigate, organization }: ItemProps) {
  const ItemIcon = item.icon;
  return (
    <Tooltip label={item.label} position="right" disabled={!isRail}>
      <NavLink
        to={item.to}
        end={item.to === paths.overview(organization.slug)}
        className={classes.item ?? ''}
        onClick={onNavigate}
        aria-label={isRail ? item.label : undefined}
      >
        <ItemIcon size={18} stroke={1.5} aria-hidden />
        {!isRail && <span>{item.label}</span>}
        {item.hasUnseenAlerts && <UnseenAlerts organization={organization} isRail={isRail} />}
      </NavLink>
    </Tooltip>
  );
}

function SearchButton({ isRail }: { isRail: boolean }) {
  const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return (
    <Tooltip label="Search" position="right" disabled={!isRail}>
      <UnstyledButton
        className={classes.search}
        onClick={spotlight.open}
        aria-label={isRail ? 'Search' : undefined}
      >
        <IconSearch size={16} stroke={1.5} aria-hidden />
        {!isRail && (
          <>
            <span className={classes.searchLabel}>Search</span>
            <Kbd size="xs" visibleFrom="sm">
              {isMac ? '⌘' : 'Ctrl'} K
            </Kbd>
          </>
        )}
      </UnstyledButton>
    </Tooltip>
  );
}

function RailToggle({ isRail, onToggle }: { isRail: boolean; onToggle: () => void }) {
  const label = isRail ? 'Expand menu' : 'Collapse menu';
  return (
    <Tooltip label={label} position="right">
      <ActionIcon
        visibleFrom="sm"
        variant="subtle"
        color="gray"
        size="lg"
        onClick={onToggle}
        aria-label={label}
      >
        {isRail ? (
          <IconLayoutSidebarLeftExpand size={18} stroke={1.5} />
        ) : (
          <IconLayoutSidebarLeftCollapse size={18} stroke={1.5} />
        )}
      </ActionIcon>
    </Tooltip>
  );
}
