import { Button, Group, Modal, ScrollArea, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { formatMonth } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { StatementFigures } from './statement-figures.tsx';
import { StatementLines, totalsOf } from './statement-lines.tsx';
import { statementQueries } from './statement-queries.ts';
import { closeMonth } from './statement-writes.ts';

type CloseMonthModalProps = { month: string; isOpen: boolean; onClose: () => void };

/** What would be stated, and that it is for good. */
export function CloseMonthModal({ month, isOpen, onClose }: CloseMonthModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Close ${formatMonth(month)}?`} size="lg">
      <Preview month={month} onClose={onClose} />
    </Modal>
  );
}

function Preview({ month, onClose }: { month: string; onClose: () => void }) {
  const { id, slug } = useOrganization();
  const client = useQueryClient();
  const navigate = useNavigate();
  const preview = useQuery(statementQueries.preview(id));
  const close = useMutation({
    mutationFn: () => closeMonth(id, month),
    onSuccess: (statementId) => navigate(paths.statement(slug, statementId)),
    onSettled: () => client.invalidateQueries({ queryKey: statementQueries.all(id) }),
  });
  return (
    <Stack gap="md">
      <FormFailure error={close.error} />
      <Text>
        The statement is final: it cannot be changed or closed again. What is corrected later appears in the
        next one.
      </Text>
      <AsyncView query={preview} skeleton={<TableSkeleton rows={6} label="Loading the preview" />}>
        {(lines) => (
          <div>
            <StatementFigures of={totalsOf({ month, lines })} />
            <ScrollArea.Autosize
              mah="40vh"
              type="auto"
              offsetScrollbars="y"
              viewportProps={{ tabIndex: 0, 'aria-label': 'Preview' }}
            >
              {lines.length === 0 ? (
                <Text c="dimmed">
                  Nothing was spent in this month, and nothing of earlier ones has changed.
                </Text>
              ) : (
                <StatementLines month={month} lines={lines} />
              )}
            </ScrollArea.Autosize>
          </div>
        )}
      </AsyncView>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={!preview.isSuccess} loading={close.isPending} onClick={() => close.mutate()}>
          Close {formatMonth(month)}
        </Button>
      </Group>
    </Stack>
  );
}
