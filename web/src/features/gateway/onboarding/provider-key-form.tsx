import { Alert, Anchor, Button, Group, PasswordInput, SegmentedControl, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import type { Provider } from '../credentials/credential-queries.ts';
import { addCredential } from '../credentials/credential-writes.ts';
import { explainApiKey } from '../credentials/explain-api-key.ts';

type ProviderKeyFormProps = { providers: Provider[]; onDone: () => Promise<void> };
type Values = { provider: string; apiKey: string };

export function ProviderKeyForm({ providers, onDone }: ProviderKeyFormProps) {
  const { id: organizationId } = useOrganization();
  const form = useForm<Values>({
    initialValues: { provider: providers[0]?.provider ?? '', apiKey: '' },
    validate: { apiKey: explainApiKey },
  });
  const chosen = providers.find(({ provider }) => provider === form.values.provider);
  const add = useMutation({
    mutationFn: async ({ apiKey }: Values) => {
      if (!chosen) throw new Error('No provider is chosen.');
      const { provider, name } = chosen;
      return addCredential({ organizationId, provider, name, apiKey: apiKey.trim() });
    },
    onSuccess: ({ test }) => (test.ok ? onDone() : undefined),
  });
  if (add.data && !add.data.test.ok) return <Refused error={add.data.test.error} onContinue={onDone} />;
  return (
    <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={add.error} />
        <SegmentedControl
          aria-label="Provider"
          fullWidth
          data={providers.map(({ provider, name }) => ({ value: provider, label: name }))}
          {...form.getInputProps('provider')}
        />
        <PasswordInput
          label="API key"
          placeholder={chosen?.keyHint}
          description={
            chosen && (
              <>
                You find it{' '}
                <Anchor href={chosen.keysUrl} target="_blank" rel="noreferrer" inherit>
                  in your {chosen.name} account
                </Anchor>
                .
              </>
            )
          }
          required
          withAsterisk={false}
          autoComplete="off"
          {...form.getInputProps('apiKey')}
        />
        <Group>
          <Button type="submit" loading={add.isPending}>
            Add credential
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type RefusedProps = { error: string | null; onContinue: () => Promise<void> };

function Refused({ error, onContinue }: RefusedProps) {
  return (
    <Alert color="orange" role="alert" title="The key is stored, but the provider did not accept it">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{error} You can replace the key any time under Providers.</Text>
        <Button size="xs" variant="default" onClick={() => void onContinue()}>
          Continue
        </Button>
      </Stack>
    </Alert>
  );
}
