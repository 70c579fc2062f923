import { Menu } from '@mantine/core';
import { IconFlame, IconSnowflake } from '@tabler/icons-react';
import type { Freezable } from './freeze-queries.ts';
import { useFreeze } from './use-freeze.ts';
import { useThaw } from './use-thaw.ts';

/** Freezes, after the dialog that `onFreeze` opens; or thaws, at once. */
export function FreezeMenuItem({ of, onFreeze }: { of: Freezable; onFreeze: () => void }) {
  const freeze = useFreeze(of.id);
  const thawing = useThaw(of.name);
  return freeze === undefined ? (
    <Menu.Item leftSection={<IconSnowflake size={16} stroke={1.5} />} onClick={onFreeze}>
      Freeze
    </Menu.Item>
  ) : (
    <Menu.Item leftSection={<IconFlame size={16} stroke={1.5} />} onClick={() => thawing.mutate(freeze)}>
      Thaw
    </Menu.Item>
  );
}
