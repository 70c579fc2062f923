import { Badge, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { dayIn, formatDay } from '@/lib/dates.ts';
import { formatUsdExact } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { SideDrawer } from '@/ui/side-drawer.tsx';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { providerLabel } from '../credentials/provider-label.ts';
import { Fact, FactList, Facts } from '../usage/facts.tsx';
import { type DatedPrice, priceQueries } from './price-queries.ts';

type PriceDrawerProps = { provider: string | undefined; model: string | undefined; onClose: () => void };

/** Every price that a model has had, or will have. */
export function PriceDrawer({ provider, model, onClose }: PriceDrawerProps) {
  return (
    <SideDrawer title="Price" isOpen={provider !== undefined && model !== undefined} onClose={onClose}>
      {provider !== undefined && model !== undefined && <History provider={provider} model={model} />}
    </SideDrawer>
  );
}

function History({ provider, model }: { provider: string; model: string }) {
  const { id } = useOrganization();
  const history = useQuery(priceQueries.history(id, provider, model));
  return (
    <Stack gap="lg" pb="xl">
      <div>
        <Text fz="lg" fw="var(--mantine-font-weight-bold)">
          {model}
        </Text>
        <Text size="sm" c="dimmed">
          {providerLabel(provider)}, dollars per million tokens
        </Text>
      </div>
      <AsyncView query={history} skeleton={<BlockSkeleton height={200} label="Loading prices" />}>
        {(prices) =>
          prices.length === 0 ? (
            <Text c="dimmed">There is no such model.</Text>
          ) : (
            prices.map((price) => <Dated key={price.id} price={price} />)
          )
        }
      </AsyncView>
    </Stack>
  );
}

const rateNames = [
  ['Input', 'input_usd_per_mtok'],
  ['Cache read', 'cache_read_usd_per_mtok'],
  ['Cache write, 5 minutes', 'cache_write_5m_usd_per_mtok'],
  ['Cache write, 1 hour', 'cache_write_1h_usd_per_mtok'],
  ['Output', 'output_usd_per_mtok'],
] as const;

const mediaRateNames = [
  ['Images, input', 'input_image'],
  ['Images, output', 'output_image'],
  ['Audio, input', 'input_audio'],
  ['Audio, output', 'output_audio'],
  ['An hour of audio', 'audio_hour'],
] as const;

function Dated({ price }: { price: DatedPrice }) {
  return (
    <Facts title={sinceText(price)}>
      <Stack gap="xs">
        {(price.organization_id !== null || price.service_tier !== 'standard') && (
          <Group gap="xs">
            {price.organization_id !== null && <Badge>Own price</Badge>}
            {price.service_tier !== 'standard' && <Badge color="gray">{price.service_tier}</Badge>}
          </Group>
        )}
        <FactList>
          {rateNames.map(([label, name]) =>
            price[name] === null ? null : (
              <Fact key={name} label={label}>
                {formatUsdExact(price[name])}
              </Fact>
            ),
          )}
          {mediaRateNames.map(([label, name]) => {
            const usd = price.media_rates[name];
            return usd === undefined ? null : (
              <Fact key={name} label={label}>
                {formatUsdExact(String(usd))}
              </Fact>
            );
          })}
        </FactList>
      </Stack>
    </Facts>
  );
}

function sinceText({ valid_from }: DatedPrice): string {
  // The epoch, or before: as long as anyone remembers.
  const at = Date.parse(valid_from);
  if (Number.isNaN(at) || at <= 0) return 'From the beginning';
  return `From ${formatDay(dayIn('UTC', new Date(at)))}${at > Date.now() ? ' on' : ''}`;
}
