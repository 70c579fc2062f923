import { Button, Group, Progress, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { formatCount, formatPlural } from '@/lib/numbers.ts';
import { saveFile } from '@/lib/save-file.ts';
import { notifyError } from '@/ui/notify.ts';
import type { CsvNames } from './call-csv.ts';
import type { CallScope } from './call-queries.ts';
import { countCalls } from './count-calls.ts';
import { exportCalls } from './export-calls.ts';

type StartExport = { scope: CallScope; names: CsvNames; fileName: string };

/** Runs on while other pages are visited; the notification shows how far it is and can end it. */
export async function startExport({ scope, names, fileName }: StartExport): Promise<void> {
  const abort = new AbortController();
  const progress: ExportProgress = { rows: 0, total: undefined };
  const id = notifications.show({ ...notice(progress, abort), autoClose: false });
  const show = (): void => void notifications.update({ id, ...notice(progress, abort), autoClose: false });
  // Only for the bar: what cannot be counted is exported all the same.
  void countCalls(scope).then(
    (total) => {
      progress.total = total;
    },
    () => undefined,
  );
  try {
    const onProgress = (rows: number): void => {
      progress.rows = rows;
      show();
    };
    saveFile(await exportCalls({ scope, names, signal: abort.signal, onProgress }), fileName);
    notifications.update({
      id,
      title: 'Export is ready',
      message: `${formatPlural(progress.rows, 'call')} in ${fileName}`,
      autoClose: 6_000,
      withCloseButton: true,
    });
  } catch (error) {
    notifications.hide(id);
    if (!abort.signal.aborted) notifyError(error);
  }
}

type ExportProgress = { rows: number; total: number | undefined };

function notice({ rows, total }: ExportProgress, abort: AbortController) {
  return {
    title: 'Exporting calls',
    withBorder: true,
    withCloseButton: false,
    message: (
      <>
        <Progress
          size="sm"
          my={8}
          value={total ? Math.min((rows / total) * 100, 100) : 100}
          animated={!total}
          aria-label="Export progress"
        />
        <Group justify="space-between" gap="sm">
          <Text size="xs" c="dimmed">
            {total === undefined
              ? formatPlural(rows, 'call')
              : `${formatCount(rows)} of ${formatPlural(total, 'call')}`}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => abort.abort()}>
            Cancel
          </Button>
        </Group>
      </>
    ),
  };
}
