import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { alertChannelQueries } from '../alert-channels/alert-channel-queries.ts';
import { alertQueries } from './alert-queries.ts';
import { restartDelivery } from './alert-writes.ts';

/** For a delivery that was given up. */
export function RestartButton({ deliveryId }: { deliveryId: string }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const restart = useMutation({
    mutationFn: () => restartDelivery(deliveryId),
    onSuccess: () => notifyDone('It is tried again within seconds.'),
    onError: notifyError,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: alertQueries.all(id) }),
        client.invalidateQueries({ queryKey: alertChannelQueries.all(id) }),
      ]),
  });
  return (
    <Button size="xs" variant="default" loading={restart.isPending} onClick={() => restart.mutate()}>
      Try again
    </Button>
  );
}
