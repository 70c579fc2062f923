import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { rateLimitQueries } from './rate-limit-queries.ts';
import { type RateLimitValues, setRateLimit } from './rate-limit-writes.ts';

type SetRateLimit = { of: Parameters<typeof setRateLimit>[1]; values: RateLimitValues };

/** `done`: what to tell people then. */
export function useSetRateLimit({ done, onDone }: { done: string; onDone?: () => void }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ of, values }: SetRateLimit) => setRateLimit(id, of, values),
    onSuccess: () => {
      notifyDone(done);
      onDone?.();
    },
    onSettled: () => client.invalidateQueries({ queryKey: rateLimitQueries.all(id) }),
  });
}
