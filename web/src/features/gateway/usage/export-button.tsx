import { useState } from 'react';
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { dayIn, viewerTimeZone } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useLedgerNames } from '../reports/use-ledger-names.ts';
import type { CallScope } from './call-queries.ts';
import { startExport } from './start-export.tsx';

/** Everything that the filters show, as a file. */
export function ExportButton({ scope }: { scope: CallScope }) {
  const { slug } = useOrganization();
  const names = useLedgerNames();
  const [isRunning, setRunning] = useState(false);
  const start = async (): Promise<void> => {
    setRunning(true);
    const fileName = `${slug}-usage-${dayIn(viewerTimeZone(), new Date())}.csv`;
    await startExport({ scope, names, fileName });
    setRunning(false);
  };
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}
      disabled={isRunning}
      onClick={() => void start()}
    >
      Export CSV
    </Button>
  );
}
