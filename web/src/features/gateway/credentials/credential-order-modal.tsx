import { Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { type Credential, credentialQueries } from './credential-queries.ts';
import { CredentialTurn } from './credential-turn.tsx';
import { changeCredential } from './credential-writes.ts';
import classes from './credentials.module.css';
import { providerLabel } from './provider-label.ts';
import { turnsOf } from './turns-of.ts';

type CredentialOrderModalProps = {
  credential: Credential;
  credentials: readonly Credential[];
  isOpen: boolean;
  onClose: () => void;
};

/** When a credential is asked among those of its provider. */
export function CredentialOrderModal({ isOpen, onClose, ...rest }: CredentialOrderModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={`When ${rest.credential.name} is asked`}>
      <OrderForm {...rest} onClose={onClose} />
    </Modal>
  );
}

type Values = { priority: number | string; weight: number | string };

const isWhole = (value: number | string, least: number, most: number): boolean =>
  value !== '' && Number.isInteger(Number(value)) && Number(value) >= least && Number(value) <= most;

function OrderForm({ credential, credentials, onClose }: Omit<CredentialOrderModalProps, 'isOpen'>) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: { priority: credential.priority, weight: credential.weight },
    validate: {
      priority: (value) => (isWhole(value, -1000, 1000) ? null : 'A whole number between -1000 and 1000.'),
      weight: (value) => (isWhole(value, 1, 1000) ? null : 'A whole number between 1 and 1000.'),
    },
  });
  const chosen = { priority: Number(form.values.priority), weight: Number(form.values.weight) || 1 };
  const save = useMutation({
    mutationFn: () => changeCredential(credential, chosen),
    onSuccess: () => {
      notifyDone('The order holds from the next call on.');
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: credentialQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit(() => save.mutate())}>
      <Stack gap="md">
        <FormFailure error={save.error} />
        <NumberInput
          label="Priority"
          description="The highest is asked first. The next is asked when it fails, is at its rate limit or is avoided."
          allowDecimal={false}
          data-autofocus
          {...form.getInputProps('priority')}
        />
        <NumberInput
          label="Weight"
          description="Among equal priorities: one with weight 3 gets three times the calls of one with weight 1."
          allowDecimal={false}
          {...form.getInputProps('weight')}
        />
        <Preview
          provider={credential.provider}
          credentials={credentials.map((each) => (each.id === credential.id ? { ...each, ...chosen } : each))}
        />
        <FormButtons action="Save" isPending={save.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}

/** The provider's credentials as they would be asked with what is typed. */
function Preview({ provider, credentials }: { provider: string; credentials: readonly Credential[] }) {
  const turns = turnsOf(credentials);
  const asked = credentials
    .filter((each) => each.provider === provider && turns.has(each.id))
    .toSorted((left, right) => right.priority - left.priority);
  if (asked.length === 0) return null;
  return (
    <section aria-label="Order">
      <Text size="sm" mb={4}>
        {providerLabel(provider)} is then asked with
      </Text>
      <dl className={classes.order}>
        {asked.map((each) => (
          <div key={each.id}>
            <dt>{each.name}</dt>
            <dd>
              <CredentialTurn turn={turns.get(each.id)} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
