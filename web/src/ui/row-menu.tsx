import type { ReactNode } from 'react';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';

type RowMenuProps = {
  /** Whose actions they are, for those who hear the page. */
  of: string;
  isPending?: boolean;
  width?: number;
  children: ReactNode;
};

/** What can be done with one row of a list, behind three dots. */
export function RowMenu({ of, isPending = false, width = 200, children }: RowMenuProps) {
  return (
    <Menu position="bottom-end" width={width}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" loading={isPending} aria-label={`Actions for ${of}`}>
          <IconDots size={18} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
