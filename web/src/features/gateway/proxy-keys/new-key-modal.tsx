import { type ReactNode, useState } from 'react';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { env } from '@/lib/supabase.ts';
import { KeySnippets } from '@/ui/key-snippets.tsx';
import { SecretField } from '@/ui/secret-field.tsx';
import { credentialQueries, snippetProvider } from '../credentials/credential-queries.ts';
import { proxyKeyQueries } from './proxy-key-queries.ts';

/** A secret that was just made, and what else to say about it. */
type Made = { proxyKey: string; note?: ReactNode };

type NewKeyModalProps = {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** The form, which hands over what it made. */
  children: (show: (made: Made) => Promise<void>) => ReactNode;
};

/** First what the key is for, then the key itself, once. */
export function NewKeyModal({ title, isOpen, onClose, children }: NewKeyModalProps) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const [made, setMade] = useState<Made | undefined>();
  const close = (): void => {
    setMade(undefined);
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={made === undefined ? title : 'Your key'}
      size={made === undefined ? 'md' : 'lg'}
      // Whoever clicks beside it would lose the only sight of the key.
      closeOnClickOutside={made === undefined}
      closeOnEscape={made === undefined}
      withCloseButton={made === undefined}
    >
      {made === undefined ? (
        children(async (fresh) => {
          setMade(fresh);
          await client.invalidateQueries({ queryKey: proxyKeyQueries.all(id) });
        })
      ) : (
        <NewKey made={made} onDone={close} />
      )}
    </Modal>
  );
}

function NewKey({ made: { proxyKey, note }, onDone }: { made: Made; onDone: () => void }) {
  const { id } = useOrganization();
  const { data: credentials = [] } = useQuery(credentialQueries.list(id));
  return (
    <Stack gap="md">
      <Text>
        Copy it now and keep it where your secrets are. Only its fingerprint is stored: it is not shown again.
      </Text>
      {note !== undefined && <Text>{note}</Text>}
      <SecretField label="Proxy key" value={proxyKey} />
      <KeySnippets proxyUrl={env().proxyUrl} proxyKey={proxyKey} provider={snippetProvider(credentials)} />
      <Group justify="flex-end">
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
  );
}
