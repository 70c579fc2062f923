import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconGauge, IconPlus } from '@tabler/icons-react';
import { useNavigate, useParams } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { BudgetDrawer } from './budget-drawer.tsx';
import type { Budget } from './budget-queries.ts';
import { BudgetTable } from './budget-table.tsx';
import { CreateBudgetModal } from './create-budget-modal.tsx';
import { LimitsHeader } from './limits-header.tsx';
import { useBudgets } from './use-budgets.ts';

/** What may be spent, by whom, in which time; the one in the address stands open in a drawer. */
export function BudgetsPage() {
  const { slug } = useOrganization();
  const { budgetId } = useParams();
  const navigate = useNavigate();
  const [isCreating, creating] = useDisclosure(false);
  const budgets = useBudgets();
  return (
    <>
      <LimitsHeader
        tab="Budgets"
        description="Each call is held against every budget that binds it before it is made, and refused where one has no room."
        action={
          budgets.data?.length !== 0 && (
            <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={creating.open}>
              Create budget
            </Button>
          )
        }
      />
      <AsyncView query={budgets} skeleton={<TableSkeleton rows={4} label="Loading budgets" />}>
        {(data) => (
          <>
            {data.length === 0 ? <NoBudgets onCreate={creating.open} /> : <Budgets budgets={data} />}
            <BudgetDrawer
              budgetId={budgetId}
              budgets={data}
              onClose={() => void navigate(paths.budgets(slug), { preventScrollReset: true })}
            />
          </>
        )}
      </AsyncView>
      <CreateBudgetModal isOpen={isCreating} onClose={creating.close} />
    </>
  );
}

function Budgets({ budgets }: { budgets: readonly Budget[] }) {
  const { canManage } = useOrganization();
  return (
    <>
      <BudgetTable budgets={budgets} />
      <Text size="sm" c="dimmed" mt="md">
        The plan's monthly budget, on the overview, binds every call as well.
        {canManage ? '' : ' Owners and admins create and change budgets.'}
      </Text>
    </>
  );
}

function NoBudgets({ onCreate }: { onCreate: () => void }) {
  const { canManage } = useOrganization();
  return (
    <EmptyState
      icon={IconGauge}
      title="Budgets of projects, keys, people and agents will be here."
      description={
        canManage
          ? 'Until you create one, only the plan’s monthly budget limits what is spent.'
          : 'An owner or admin creates them. Until then only the plan’s monthly budget limits what is spent.'
      }
      action={canManage && <Button onClick={onCreate}>Create budget</Button>}
    />
  );
}
