import { dayIn, formatDay, formatMomentExact } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { Tooltip } from '@mantine/core';

/** The day, in the organization's zone, on which a window begins anew. */
export function Resets({ at }: { at: string }) {
  const { timeZone } = useOrganization();
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return 'Never';
  return (
    <Tooltip label={formatMomentExact(moment)}>
      <time dateTime={at}>{formatDay(dayIn(timeZone, moment))}</time>
    </Tooltip>
  );
}
