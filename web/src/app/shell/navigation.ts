import {
  type Icon,
  IconActivity,
  IconFolder,
  IconGauge,
  IconHistory,
  IconLayoutDashboard,
  IconPlugConnected,
  IconScale,
  IconTag,
  IconReportAnalytics,
  IconSettings,
  IconUsers,
} from '@tabler/icons-react';
import type { Organization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';

export type Destination = { label: string; icon: Icon; to: string; keywords?: string[] };
export type NavigationGroup = { label: string; items: Destination[] };

/** The menu, and what ⌘K can go to. Only what the caller may open. */
export function navigationOf({ slug, canManage }: Organization): NavigationGroup[] {
  return [
    { label: 'Home', items: [{ label: 'Overview', icon: IconLayoutDashboard, to: paths.overview(slug) }] },
    {
      label: 'Spend',
      items: [
        { label: 'Usage', icon: IconActivity, to: paths.usage(slug), keywords: ['calls', 'log', 'cost'] },
        {
          label: 'Budgets',
          icon: IconGauge,
          to: paths.budgets(slug),
          keywords: ['limits', 'spending'],
        },
        {
          label: 'Projects and keys',
          icon: IconFolder,
          to: paths.projects(slug),
          keywords: ['proxy keys', 'api'],
        },
        {
          label: 'Providers',
          icon: IconPlugConnected,
          to: paths.providers(slug),
          keywords: ['credentials', 'openai', 'anthropic', 'moonshot', 'sandbox'],
        },
        {
          label: 'Prices',
          icon: IconTag,
          to: paths.prices(slug),
          keywords: ['models', 'discount', 'calculator', 'price again'],
        },
        {
          label: 'Reconciliation',
          icon: IconScale,
          to: paths.reconciliation(slug),
          keywords: ['bill', 'invoice', 'drift', 'admin key'],
        },
        ...(canManage
          ? [
              {
                label: 'Reports',
                icon: IconReportAnalytics,
                to: paths.reports(slug),
                keywords: ['sql', 'query', 'metabase', 'grafana', 'psql'],
              },
            ]
          : []),
      ],
    },
    {
      label: 'Organization',
      items: [
        { label: 'Members', icon: IconUsers, to: paths.members(slug), keywords: ['invitations', 'team'] },
        ...(canManage
          ? [{ label: 'Audit log', icon: IconHistory, to: paths.auditLog(slug), keywords: ['history'] }]
          : []),
        {
          label: 'Settings',
          icon: IconSettings,
          to: paths.settings(slug),
          keywords: ['name', 'time zone', 'leave'],
        },
      ],
    },
  ];
}
