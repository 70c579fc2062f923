import { useState } from 'react';
import { useDisclosure } from '@mantine/hooks';
import { useOrganization } from '@/lib/organization.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { ModelAliasMenu } from './model-alias-menu.tsx';
import { ModelAliasModal } from './model-alias-modal.tsx';
import type { ModelAlias } from './model-alias-queries.ts';
import classes from './model-aliases.module.css';
import { TargetName } from './target-name.tsx';

const columns: [Column<ModelAlias>, ...Column<ModelAlias>[]] = [
  { key: 'name', header: 'Alias', cell: ({ name }) => <span className={classes.model}>{name}</span> },
  { key: 'targets', header: 'Asks', cell: ({ targets }) => <Targets targets={targets} /> },
  {
    key: 'changed',
    header: 'Changed',
    align: 'right',
    width: 130,
    cell: ({ updated_at }) => <RelativeTime at={updated_at} />,
  },
];

export function ModelAliasTable({ modelAliases }: { modelAliases: readonly ModelAlias[] }) {
  const { canManage } = useOrganization();
  // Not in the row, which becomes a card where the window gets narrow.
  const [edited, setEdited] = useState<ModelAlias>();
  const [isEditing, editing] = useDisclosure(false);
  const menuColumn: Column<ModelAlias> = {
    key: 'menu',
    header: 'Actions',
    isHeaderHidden: true,
    align: 'right',
    width: 56,
    cell: (modelAlias) => (
      <ModelAliasMenu
        modelAlias={modelAlias}
        onEdit={() => {
          setEdited(modelAlias);
          editing.open();
        }}
      />
    ),
  };
  return (
    <>
      <DataTable
        label="Model aliases"
        rows={modelAliases}
        columns={canManage ? [...columns, menuColumn] : columns}
        rowKey={({ id }) => id}
      />
      {edited && <ModelAliasModal modelAlias={edited} isOpen={isEditing} onClose={editing.close} />}
    </>
  );
}

function Targets({ targets }: { targets: readonly string[] }) {
  return (
    <ol className={classes.targets}>
      {targets.map((target, place) => (
        <li key={target}>
          {place > 0 && <span className={classes.then}>then </span>}
          <TargetName target={target} />
        </li>
      ))}
    </ol>
  );
}
