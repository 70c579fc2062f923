import { Modal, Select, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { ScopeSelect } from '../budgets/scope-select.tsx';
import { RateLimitFields, type RateLimitTexts, readRateLimit } from './rate-limit-fields.tsx';
import type { RateLimit } from './rate-limit-queries.ts';
import { isOptionalScope, type OptionalScope, optionalScopes, rateScopeWords } from './rate-limit-words.ts';
import { useSetRateLimit } from './use-set-rate-limit.ts';

type CreateRateLimitModalProps = { limits: readonly RateLimit[]; isOpen: boolean; onClose: () => void };

/** For a project or key that has none; everything else always has one, which is changed in its row. */
export function CreateRateLimitModal({ limits, isOpen, onClose }: CreateRateLimitModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Create a rate limit">
      <CreateRateLimitForm limits={limits} onDone={onClose} />
    </Modal>
  );
}

type Values = RateLimitTexts & { scope: OptionalScope; scopeId: string };

function CreateRateLimitForm({ limits, onDone }: { limits: readonly RateLimit[]; onDone: () => void }) {
  const create = useSetRateLimit({ done: 'The rate limit holds from the next call on.', onDone });
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: {
      scope: 'project',
      scopeId: '',
      requestsPerMinute: '',
      tokensPerMinute: '',
      maxOpenCalls: '',
    },
    validate: {
      scopeId: (scopeId) => (scopeId === '' ? 'Say which one.' : null),
      requestsPerMinute: (_, texts) =>
        Object.values(readRateLimit(texts)).every((limit) => limit === null)
          ? 'Limit requests, tokens or calls at once.'
          : null,
    },
  });
  const send = ({ scope, scopeId, ...texts }: Values): void =>
    create.mutate({ of: { scope, id: scopeId }, values: readRateLimit(texts) });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="md">
        <FormFailure error={create.error} />
        <Select
          label="Rate limit of"
          description="It binds beside those of the organization and the credential."
          data={optionalScopes.map((value) => ({ value, label: rateScopeWords[value] }))}
          data-autofocus
          {...form.getInputProps('scope')}
          onChange={(scope) => isOptionalScope(scope) && form.setValues({ scope, scopeId: '' })}
        />
        <ScopeSelect
          scope={form.values.scope}
          without={limits.map(({ scopeId }) => scopeId)}
          {...form.getInputProps('scopeId')}
        />
        <RateLimitFields form={form} isFirstField={false} />
        <FormButtons action="Create rate limit" isPending={create.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
