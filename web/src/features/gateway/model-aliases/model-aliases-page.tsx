import { Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconRoute } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { ModelAliasExample } from './model-alias-example.tsx';
import { ModelAliasModal } from './model-alias-modal.tsx';
import { type ModelAlias, modelAliasQueries } from './model-alias-queries.ts';
import { ModelAliasTable } from './model-alias-table.tsx';

/** Names of the organization's own for models, and what stands in when one fails. */
export function ModelAliasesPage() {
  const { id, canManage } = useOrganization();
  const [isCreating, creating] = useDisclosure(false);
  const modelAliases = useQuery(modelAliasQueries.list(id));
  return (
    <>
      <PageHeader
        title="Model aliases"
        description="Applications ask for a name of yours. Which model answers, and which stand in when it fails, you change here, without touching them."
        actions={
          canManage &&
          modelAliases.data?.length !== 0 && (
            <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={creating.open}>
              Create alias
            </Button>
          )
        }
      />
      <AsyncView query={modelAliases} skeleton={<TableSkeleton rows={3} label="Loading model aliases" />}>
        {([first, ...others]) =>
          first ? <Loaded modelAliases={[first, ...others]} /> : <NoModelAliases onCreate={creating.open} />
        }
      </AsyncView>
      <ModelAliasModal isOpen={isCreating} onClose={creating.close} />
    </>
  );
}

function Loaded({ modelAliases }: { modelAliases: readonly [ModelAlias, ...ModelAlias[]] }) {
  const { canManage } = useOrganization();
  const [{ name, targets }] = modelAliases;
  return (
    <Stack gap="xl">
      <section aria-label="Model aliases">
        <ModelAliasTable modelAliases={modelAliases} />
        <Text size="sm" c="dimmed" mt="md">
          Each model is asked with every credential of its provider before the next one. What the called
          endpoint cannot serve is passed over.
          {canManage ? '' : ' Owners and admins create and change aliases.'}
        </Text>
      </section>
      <ModelAliasExample name={name} target={targets[0] ?? ''} />
    </Stack>
  );
}

function NoModelAliases({ onCreate }: { onCreate: () => void }) {
  const { canManage } = useOrganization();
  return (
    <EmptyState
      icon={IconRoute}
      title="Names of your own for models will be here."
      description={`Applications ask for “smart”; you say which model that is, and which answers when it fails.${
        canManage ? '' : ' An owner or admin creates aliases.'
      }`}
      action={canManage && <Button onClick={onCreate}>Create alias</Button>}
    />
  );
}
