import { useState } from 'react';
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { dayIn, viewerTimeZone } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyError } from '@/ui/notify.ts';
import { projectQueries } from '../projects/project-queries.ts';
import { proxyKeyQueries } from '../proxy-keys/proxy-key-queries.ts';
import type { CallScope } from './call-queries.ts';
import { startExport } from './start-export.tsx';

/** Everything that the filters show, as a file. */
export function ExportButton({ scope }: { scope: CallScope }) {
  const { slug } = useOrganization();
  const client = useQueryClient();
  const [isRunning, setRunning] = useState(false);
  const start = async (): Promise<void> => {
    setRunning(true);
    const fileName = `${slug}-usage-${dayIn(viewerTimeZone(), new Date())}.csv`;
    try {
      const [projects, proxyKeys] = await Promise.all([
        client.ensureQueryData(projectQueries.list(scope.organizationId)),
        client.ensureQueryData(proxyKeyQueries.list(scope.organizationId)),
      ]);
      const names = { project: namesById(projects), proxyKey: namesById(proxyKeys) };
      await startExport({ scope, names, fileName });
    } catch (error) {
      notifyError(error);
    }
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

function namesById(named: readonly { id: string; name: string }[]): (id: string) => string {
  const names = new Map(named.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? '';
}
