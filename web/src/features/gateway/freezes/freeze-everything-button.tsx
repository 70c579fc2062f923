import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSnowflake } from '@tabler/icons-react';
import { useOrganization } from '@/lib/organization.tsx';
import { FreezeModal } from './freeze-modal.tsx';
import { useFreeze } from './use-freeze.ts';

/** The one switch for the whole organization; the notice of a freeze has the way back. */
export function FreezeEverythingButton() {
  const { id, name } = useOrganization();
  const [isFreezing, freezing] = useDisclosure(false);
  const isFrozen = useFreeze(id) !== undefined;
  return (
    <>
      {!isFrozen && (
        <Button
          variant="default"
          leftSection={<IconSnowflake size={16} stroke={1.5} aria-hidden />}
          onClick={freezing.open}
        >
          Freeze all calls
        </Button>
      )}
      <FreezeModal of={{ scope: 'organization', id, name }} isOpen={isFreezing} onClose={freezing.close} />
    </>
  );
}
