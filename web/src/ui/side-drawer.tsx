import type { ReactNode } from 'react';
import { Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { narrow } from './breakpoints.ts';

type SideDrawerProps = {
  title: ReactNode;
  isOpen: boolean;
  /** Usually a navigation: what is open has its own address. */
  onClose: () => void;
  children: ReactNode;
};

/** Details beside the list they belong to; the whole screen on a phone. */
export function SideDrawer({ title, isOpen, onClose, children }: SideDrawerProps) {
  const isNarrow = useMediaQuery(narrow) ?? false;
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      title={title}
      size={isNarrow ? '100%' : 480}
      transitionProps={{ duration: 150 }}
      overlayProps={{ backgroundOpacity: 0.2 }}
    >
      {children}
    </Drawer>
  );
}
