import { Menu } from '@mantine/core';
import { IconStopwatch } from '@tabler/icons-react';

/** Opens what sets the rate limit of the thing whose menu it is in. */
export function RateLimitMenuItem({ onClick }: { onClick: () => void }) {
  return (
    <Menu.Item leftSection={<IconStopwatch size={16} stroke={1.5} />} onClick={onClick}>
      Rate limit
    </Menu.Item>
  );
}
