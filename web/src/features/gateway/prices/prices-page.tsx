import { useState } from 'react';
import { Button, Group, SegmentedControl, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from 'react-router';
import { Provider } from '@contracts/gateway.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { providerLabel } from '../credentials/provider-label.ts';
import { CallSizeFields } from './call-size-fields.tsx';
import type { CallSize } from './cost-of-call.ts';
import { OwnPriceTable } from './own-price-table.tsx';
import { PriceDrawer } from './price-drawer.tsx';
import { type Price, priceQueries } from './price-queries.ts';
import { PriceTable } from './price-table.tsx';
import { RepriceModal } from './reprice-modal.tsx';
import { SetPriceModal } from './set-price-modal.tsx';

/** What models cost, by the list and by the organization's own prices; the model in the address stands open. */
export function PricesPage() {
  const { id, slug, canManage } = useOrganization();
  const { provider, model } = useParams();
  const navigate = useNavigate();
  const [isSetting, setting] = useDisclosure(false);
  const [isRepricing, repricing] = useDisclosure(false);
  const prices = useQuery(priceQueries.list(id));
  return (
    <>
      <PageHeader
        title="Prices"
        description="What each model costs, in dollars per million tokens. The list is refreshed every day; your own prices go before it."
        actions={
          canManage && (
            <>
              <Button variant="default" onClick={repricing.open}>
                Price again
              </Button>
              <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={setting.open}>
                Set price
              </Button>
            </>
          )
        }
      />
      <Stack gap="xl">
        <OwnPrices />
        <AsyncView query={prices} skeleton={<TableSkeleton rows={10} label="Loading prices" />}>
          {(data) => <Models prices={data} />}
        </AsyncView>
      </Stack>
      <PriceDrawer
        provider={provider}
        model={model}
        onClose={() => void navigate(paths.prices(slug), { preventScrollReset: true })}
      />
      <SetPriceModal isOpen={isSetting} prices={prices.data ?? []} onClose={setting.close} />
      <RepriceModal isOpen={isRepricing} onClose={repricing.close} />
    </>
  );
}

function OwnPrices() {
  const { id } = useOrganization();
  const { data = [] } = useQuery(priceQueries.own(id));
  if (data.length === 0) return null;
  return (
    <section aria-label="Own prices">
      <Title order={2} mb="sm">
        Own prices
      </Title>
      <OwnPriceTable prices={data} />
    </section>
  );
}

function Models({ prices }: { prices: readonly Price[] }) {
  const [size, setSize] = useState<CallSize>({ input: 10_000, cached: 0, output: 1_000 });
  const [provider, setProvider] = useState('all');
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const shown = prices.filter(
    (price) =>
      (provider === 'all' || price.provider === provider) &&
      `${price.model} ${price.display_name}`.toLowerCase().includes(wanted),
  );
  return (
    <section aria-label="Models">
      <Title order={2} mb="sm">
        What a call costs
      </Title>
      <Stack gap="md">
        <CallSizeFields size={size} onChange={setSize} />
        <Group gap="md">
          <TextInput
            aria-label="Search models"
            placeholder="Search models"
            leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
            value={search}
            onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          />
          <SegmentedControl
            aria-label="Provider"
            data={[
              { value: 'all', label: 'All' },
              ...Provider.options.map((value) => ({ value, label: providerLabel(value) })),
            ]}
            value={provider}
            onChange={setProvider}
          />
        </Group>
        {shown.length === 0 ? (
          <Text c="dimmed">No model is called that.</Text>
        ) : (
          <PriceTable prices={shown} size={size} />
        )}
      </Stack>
    </section>
  );
}
