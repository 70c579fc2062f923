import { useState } from 'react';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { env } from '@/lib/supabase.ts';
import { KeySnippets } from '@/ui/key-snippets.tsx';
import { SecretField } from '@/ui/secret-field.tsx';
import { credentialQueries, snippetProvider } from '../credentials/credential-queries.ts';
import type { Project } from '../projects/project-queries.ts';
import { ProxyKeyForm } from './proxy-key-form.tsx';
import { proxyKeyQueries } from './proxy-key-queries.ts';
import { mintProxyKey } from './proxy-key-writes.ts';

type CreateKeyModalProps = {
  project: Pick<Project, 'id' | 'name'>;
  isOpen: boolean;
  onClose: () => void;
};

/** First what the key is for, then the key itself, once. */
export function CreateKeyModal({ project, isOpen, onClose }: CreateKeyModalProps) {
  const { id, timeZone } = useOrganization();
  const client = useQueryClient();
  const [proxyKey, setProxyKey] = useState<string | undefined>();
  const close = (): void => {
    setProxyKey(undefined);
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={proxyKey === undefined ? `Create a key for ${project.name}` : 'Your key'}
      size={proxyKey === undefined ? 'md' : 'lg'}
      // Whoever clicks beside it would lose the only sight of the key.
      closeOnClickOutside={proxyKey === undefined}
      closeOnEscape={proxyKey === undefined}
      withCloseButton={proxyKey === undefined}
    >
      {proxyKey === undefined ? (
        <ProxyKeyForm
          initial={{ name: '', allowedModels: [], lastDay: null }}
          action="Create key"
          onCancel={close}
          onSave={async (values) => {
            setProxyKey(await mintProxyKey(project.id, values, timeZone));
            await client.invalidateQueries({ queryKey: proxyKeyQueries.all(id) });
          }}
        />
      ) : (
        <NewKey proxyKey={proxyKey} onDone={close} />
      )}
    </Modal>
  );
}

function NewKey({ proxyKey, onDone }: { proxyKey: string; onDone: () => void }) {
  const { id } = useOrganization();
  const { data: credentials = [] } = useQuery(credentialQueries.list(id));
  return (
    <Stack gap="md">
      <Text>
        Copy it now and keep it where your secrets are. Only its fingerprint is stored: it is not shown again.
      </Text>
      <SecretField label="Proxy key" value={proxyKey} />
      <KeySnippets proxyUrl={env().proxyUrl} proxyKey={proxyKey} provider={snippetProvider(credentials)} />
      <Group justify="flex-end">
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
  );
}
