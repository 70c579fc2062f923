import { Switch } from '@mantine/core';
import type { Tables } from '@db';
import { notifyError } from '@/ui/notify.ts';
import { useChangeOrganization } from './organization-mutations.ts';

/** Saves by itself. */
export function WeeklyReportSwitch({ row }: { row: Tables<'organizations'> }) {
  const change = useChangeOrganization(row);
  const isOn = change.isPending
    ? (change.variables.sends_weekly_report ?? row.sends_weekly_report)
    : row.sends_weekly_report;
  return (
    <Switch
      label="Weekly report"
      description="On Mondays at 8:00, in the organization’s time zone: what last week cost beside the week before, on which models, projects and keys, and which budgets fill up."
      checked={isOn}
      disabled={change.isPending}
      onChange={({ currentTarget }) =>
        change.mutate({ sends_weekly_report: currentTarget.checked }, { onError: notifyError })
      }
    />
  );
}
