import {
  type Icon,
  IconActivity,
  IconAlertTriangle,
  IconChecklist,
  IconFolder,
  IconGauge,
  IconHistory,
  IconLayoutDashboard,
  IconPlugConnected,
  IconReceipt,
  IconRobot,
  IconRoute,
  IconScale,
  IconTag,
  IconReportAnalytics,
  IconSettings,
  IconUsers,
} from '@tabler/icons-react';
import type { Organization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';

export type Destination = {
  label: string;
  icon: Icon;
  to: string;
  keywords?: string[];
  hasUnseenAlerts?: true;
};
export type NavigationGroup = { label: string; items: Destination[] };

/** The menu, and what ⌘K can go to. Only what the caller may open. */
export function navigationOf({ slug, canManage }: Organization): NavigationGroup[] {
  return [
    {
      label: 'Home',
      items: [
        { label: 'Overview', icon: IconLayoutDashboard, to: paths.overview(slug) },
        {
          label: 'Alerts',
          icon: IconAlertTriangle,
          to: paths.alerts(slug),
          keywords: ['notifications', 'webhooks', 'slack'],
          hasUnseenAlerts: true,
        },
      ],
    },
    { label: 'Work', items: workOf(slug) },
    { label: 'Spend', items: spendOf(slug) },
    { label: 'Books', items: booksOf(slug, canManage) },
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

/** What agents do, and who they are. */
function workOf(slug: string): Destination[] {
  return [
    { label: 'Tasks', icon: IconChecklist, to: paths.tasks(slug), keywords: ['assign', 'approve', 'board'] },
    { label: 'Agents', icon: IconRobot, to: paths.agents(slug), keywords: ['bots', 'workers', 'models'] },
  ];
}

/** What calls cost, who may make them, and who answers. */
function spendOf(slug: string): Destination[] {
  return [
    { label: 'Usage', icon: IconActivity, to: paths.usage(slug), keywords: ['calls', 'log', 'cost'] },
    {
      label: 'Budgets and limits',
      icon: IconGauge,
      to: paths.budgets(slug),
      keywords: ['rate limits', 'requests a minute', 'spending'],
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
      label: 'Model aliases',
      icon: IconRoute,
      to: paths.modelAliases(slug),
      keywords: ['routes', 'failover', 'models'],
    },
    {
      label: 'Prices',
      icon: IconTag,
      to: paths.prices(slug),
      keywords: ['models', 'discount', 'calculator', 'price again'],
    },
  ];
}

/** What is compared, closed and asked of it afterwards. */
function booksOf(slug: string, canManage: boolean): Destination[] {
  const reconciliation = {
    label: 'Reconciliation',
    icon: IconScale,
    to: paths.reconciliation(slug),
    keywords: ['bill', 'invoice', 'drift', 'admin key'],
  };
  if (!canManage) return [reconciliation];
  return [
    reconciliation,
    {
      label: 'Statements',
      icon: IconReceipt,
      to: paths.statements(slug),
      keywords: ['month', 'close', 'chargeback'],
    },
    {
      label: 'Reports',
      icon: IconReportAnalytics,
      to: paths.reports(slug),
      keywords: ['sql', 'query', 'metabase', 'grafana', 'psql'],
    },
  ];
}
