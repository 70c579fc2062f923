import { useState } from 'react';
import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { FormFailure } from '@/ui/form-failure.tsx';
import { formatMoment } from '@/lib/dates.ts';
import { NewKeyModal } from './new-key-modal.tsx';
import type { ProxyKey } from './proxy-key-queries.ts';
import { rotateProxyKey, type RotatedKey } from './proxy-key-writes.ts';

type RotateKeyModalProps = { proxyKey: ProxyKey; isOpen: boolean; onClose: () => void };

/** A new secret for a key; how long the present one still works is chosen before. */
export function RotateKeyModal({ proxyKey, isOpen, onClose }: RotateKeyModalProps) {
  return (
    <NewKeyModal title={`Rotate ${proxyKey.name}`} isOpen={isOpen} onClose={onClose}>
      {(show) => (
        <RotateForm
          proxyKey={proxyKey}
          onCancel={onClose}
          onRotated={({ key, previousUntil }) =>
            show({ proxyKey: key, note: sayPrevious(new Date(previousUntil)) })
          }
        />
      )}
    </NewKeyModal>
  );
}

const sayPrevious = (until: Date): string =>
  until.getTime() <= Date.now()
    ? 'The one before does not work any more.'
    : `The one before works until ${formatMoment(until)}. Switch over before that.`;

const graces = [
  {
    value: '0',
    label: 'Not at all',
    description: 'It got into wrong hands. Whoever still uses it is refused.',
  },
  { value: '1 hour', label: 'For an hour', description: undefined },
  { value: '1 day', label: 'For a day', description: undefined },
  { value: '7 days', label: 'For a week', description: undefined },
  { value: '30 days', label: 'For 30 days', description: undefined },
] as const;

type RotateFormProps = {
  proxyKey: ProxyKey;
  onCancel: () => void;
  onRotated: (rotated: RotatedKey) => Promise<void>;
};

function RotateForm({ proxyKey, onCancel, onRotated }: RotateFormProps) {
  const [grace, setGrace] = useState<string>('1 day');
  const rotate = useMutation({
    mutationFn: async () => onRotated(await rotateProxyKey(proxyKey, grace)),
  });
  return (
    <Stack gap="md">
      <FormFailure error={rotate.error} />
      <Text>You get a new secret for this key. Its name, budgets, models and history stay.</Text>
      <Radio.Group label="The present secret still works" value={grace} onChange={setGrace}>
        <Stack gap="xs" mt={8}>
          {graces.map(({ value, label, description }) => (
            <Radio
              key={value}
              value={value}
              label={label}
              description={description}
              data-autofocus={value === grace || undefined}
            />
          ))}
        </Stack>
      </Radio.Group>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button onClick={() => rotate.mutate()} loading={rotate.isPending}>
          Rotate key
        </Button>
      </Group>
    </Stack>
  );
}
