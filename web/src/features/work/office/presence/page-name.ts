const names: Readonly<Record<string, string>> = {
  '': 'Overview',
  usage: 'Usage',
  archives: 'Archives',
  budgets: 'Budgets',
  alerts: 'Alerts',
  projects: 'Projects',
  providers: 'Providers',
  'model-aliases': 'Model aliases',
  prices: 'Prices',
  reconciliation: 'Reconciliation',
  statements: 'Statements',
  reports: 'Reports',
  office: 'Office',
  agents: 'Agents',
  tasks: 'Tasks',
  whiteboard: 'Whiteboard',
  boards: 'Whiteboard',
  members: 'Members',
  'audit-log': 'Audit log',
  settings: 'Settings',
};

/** What colleagues are told of the page that somebody is on: its name in the menu, never what is open on it. */
export function pageName(pathname: string): string {
  const [, first = '', second = ''] = pathname.split('/');
  if (first === 'profile') return 'Profile';
  return names[second] ?? 'Another page';
}
