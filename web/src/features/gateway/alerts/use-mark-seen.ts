import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyError } from '@/ui/notify.ts';
import { alertQueries } from './alert-queries.ts';
import { markAlertsSeen } from './alert-writes.ts';

/** Marks some alerts, or all of them, as seen, and shows it. */
export function useMarkSeen() {
  const { id } = useOrganization();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids?: number[]) => markAlertsSeen(id, ids),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: alertQueries.all(id) }),
  });
}
