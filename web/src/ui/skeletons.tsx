import { Skeleton, Stack } from '@mantine/core';

/** As tall as the rows that will stand there, so that nothing jumps. */
export function TableSkeleton({ rows = 6, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <Stack gap={0} component="output" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={20} my={12} width={`${100 - ((row * 17) % 30)}%`} />
      ))}
    </Stack>
  );
}

export function FormSkeleton({ fields = 3 }: { fields?: number }) {
  return (
    <Stack gap="lg" component="output" aria-label="Loading" maw="32rem">
      {Array.from({ length: fields }, (_, field) => (
        <Stack key={field} gap={8}>
          <Skeleton height={14} width={120} />
          <Skeleton height={36} />
        </Stack>
      ))}
    </Stack>
  );
}

/** One block, as tall as what will stand there. */
export function BlockSkeleton({ height, label = 'Loading' }: { height: number; label?: string }) {
  return (
    <Stack component="output" aria-label={label}>
      <Skeleton height={height} />
    </Stack>
  );
}

/** A page whose shape is not known yet. */
export function PageSkeleton() {
  return (
    <Stack gap="lg" component="output" aria-label="Loading">
      <Skeleton height={28} width={180} />
      <Skeleton height={14} width={320} maw="100%" />
      <Skeleton height={240} />
    </Stack>
  );
}
