import { Anchor, Badge, Code, Collapse, Group, Skeleton, Stack, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { formatMomentExact } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { CopyButton } from '@/ui/copy-button.tsx';
import { SandboxBadge } from '@/ui/sandbox-badge.tsx';
import { SideDrawer } from '@/ui/side-drawer.tsx';
import { providerLabel } from '../credentials/provider-label.ts';
import { useLiveUsage } from '../spend/use-live-usage.ts';
import { CallAttempts } from './call-attempts.tsx';
import { CallAttribution } from './call-attribution.tsx';
import { CallBodies } from './call-bodies.tsx';
import { CallCost } from './call-cost.tsx';
import classes from './call-drawer.module.css';
import { CallIds } from './call-ids.tsx';
import { type CallDetail, callQueries } from './call-queries.ts';
import { CallStatus } from './call-status.tsx';
import { CallTimings } from './call-timings.tsx';
import { explainErrorCode, operationLabel, statusWords } from './call-words.ts';

type CallDrawerProps = { callId: string | undefined; onClose: () => void };

/** Everything that the ledger knows about one call. */
export function CallDrawer({ callId, onClose }: CallDrawerProps) {
  return (
    <SideDrawer title="Call" isOpen={callId !== undefined} onClose={onClose}>
      {callId !== undefined && <Loaded callId={callId} />}
    </SideDrawer>
  );
}

function Loaded({ callId }: { callId: string }) {
  const { id } = useOrganization();
  const call = useQuery({
    ...callQueries.detail(id, callId),
    // In case that it was settled between being read and being listened to.
    refetchInterval: ({ state }) => (state.data?.status === 'reserved' ? 10_000 : false),
  });
  // What is in flight changes; what is settled does not, but for an expired call that was late.
  useLiveUsage(async () => {
    if (call.data?.status === 'reserved') await call.refetch();
  });
  return (
    <AsyncView query={call} skeleton={<DrawerSkeleton />}>
      {(data) => (
        <Stack gap="lg" pb="xl">
          <Head call={data} />
          <CallCost call={data} />
          <CallAttempts call={data} />
          <CallAttribution call={data} />
          <CallTimings call={data} />
          <CallIds call={data} />
          <CallBodies call={data} />
          {data.raw_usage !== null && <RawUsage usage={data.raw_usage} />}
        </Stack>
      )}
    </AsyncView>
  );
}

function Head({ call }: { call: CallDetail }) {
  const { meaning } = statusWords[call.status];
  const isServedByAnother = call.served_model !== null && call.served_model !== call.model;
  return (
    <Stack gap={6}>
      <Group gap="xs">
        <Text fz="lg" fw="var(--mantine-font-weight-bold)" className={classes.breakable}>
          {call.model}
        </Text>
        {call.is_sandbox && <SandboxBadge />}
        {call.is_cached && (
          <Badge color="teal" variant="light">
            Cached
          </Badge>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {operationLabel(call.operation)}
        {/* What was refused before it was known who answers has no provider. */}
        {call.provider === '' ? '' : ` at ${providerLabel(call.provider)}`}
        {call.is_stream ? ', streamed' : ''}
        {call.model_alias === null ? '' : `, asked for as ${call.model_alias}`}
        {isServedByAnother ? `, served by ${call.served_model ?? ''}` : ''}
      </Text>
      <Text size="sm" c="dimmed">
        <time dateTime={call.created_at}>{formatMomentExact(new Date(call.created_at))}</time>
      </Text>
      <Group gap="sm" mt={4} wrap="nowrap" align="flex-start">
        <Text size="sm" component="div">
          <CallStatus call={call} />
        </Text>
        {call.status !== 'succeeded' && (
          <Text size="sm" c="dimmed">
            {call.error_code === null ? meaning : explainErrorCode(call.error_code)}
            <LimitLink errorCode={call.error_code} />
          </Text>
        )}
      </Group>
    </Stack>
  );
}

/** Where the limit that refused the call is to be seen. */
function LimitLink({ errorCode }: { errorCode: string | null }) {
  const { slug } = useOrganization();
  const to = { budget_exceeded: paths.budgets(slug), rate_limited: paths.rateLimits(slug) }[errorCode ?? ''];
  if (to === undefined) return null;
  return (
    <>
      {' '}
      <Anchor component={Link} to={to} inherit>
        See the limits
      </Anchor>
    </>
  );
}

function RawUsage({ usage }: { usage: NonNullable<CallDetail['raw_usage']> }) {
  const [isOpen, { toggle }] = useDisclosure(false);
  const text = JSON.stringify(usage, null, 2);
  return (
    <section aria-label="Raw usage">
      <Group justify="space-between">
        <UnstyledButton onClick={toggle} aria-expanded={isOpen} className={classes.disclosure}>
          <IconChevronRight size={16} stroke={1.5} aria-hidden data-open={isOpen || undefined} />
          Usage as the provider reported it
        </UnstyledButton>
        <CopyButton value={text} label="Copy usage" />
      </Group>
      <Collapse expanded={isOpen} transitionDuration={120}>
        <Code block mt="xs" className={classes.json}>
          {text}
        </Code>
      </Collapse>
    </section>
  );
}

function DrawerSkeleton() {
  return (
    <Stack gap="lg" role="status" aria-label="Loading call">
      <Skeleton height={24} width="50%" />
      <Skeleton height={14} width="70%" />
      <Skeleton height={140} />
      <Skeleton height={120} />
      <Skeleton height={90} />
    </Stack>
  );
}
