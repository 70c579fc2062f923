import { Modal, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { RateLimitFields, type RateLimitTexts, readRateLimit } from './rate-limit-fields.tsx';
import { type RateLimit, rateLimitQueries } from './rate-limit-queries.ts';
import type { RateLimited } from './rate-limit-writes.ts';
import { useSetRateLimit } from './use-set-rate-limit.ts';

type RateLimitModalProps = { of: RateLimited; isOpen: boolean; onClose: () => void };

/** Sets the limit of something that may have none yet. */
export function RateLimitModal({ of, isOpen, onClose }: RateLimitModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Rate limit of ${of.name}`}>
      <Loaded of={of} onDone={onClose} />
    </Modal>
  );
}

type LoadedProps = { of: RateLimited; onDone: () => void };

function Loaded({ of, onDone }: LoadedProps) {
  const limits = useQuery(rateLimitQueries.list(useOrganization().id));
  return (
    <AsyncView query={limits} skeleton={<BlockSkeleton height={280} label="Loading the rate limit" />}>
      {(data) => (
        <RateLimitForm of={of} limit={data.find(({ scopeId }) => scopeId === of.id)} onDone={onDone} />
      )}
    </AsyncView>
  );
}

function RateLimitForm({ of, limit, onDone }: LoadedProps & { limit: RateLimit | undefined }) {
  const save = useSetRateLimit({ done: 'The rate limit holds from the next call on.', onDone });
  const form = useForm<RateLimitTexts>({
    mode: 'controlled',
    initialValues: {
      requestsPerMinute: limit?.requests.limit ?? '',
      tokensPerMinute: limit?.tokens.limit ?? '',
      maxOpenCalls: limit?.openCalls.limit ?? '',
    },
  });
  return (
    <form onSubmit={form.onSubmit((texts) => save.mutate({ of, values: readRateLimit(texts) }))}>
      <Stack gap="md">
        <FormFailure error={save.error} />
        <RateLimitFields form={form} isFirstField />
        <FormButtons action="Save" isPending={save.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
