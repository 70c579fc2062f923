import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { type Freeze, freezeQueries } from './freeze-queries.ts';
import { thaw } from './freeze-writes.ts';

export function useThaw(name: string) {
  const { id } = useOrganization();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (freeze: Freeze) => thaw(freeze.id),
    onSuccess: () => notifyDone(`${name} may make calls again.`),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: freezeQueries.all(id) }),
  });
}
