import { createBrowserRouter } from 'react-router';
import { HomeRedirect } from './home-redirect.tsx';
import { LoadingScreen } from './loading-screen.tsx';
import { NotFound, NotFoundPage } from './not-found-page.tsx';
import { RequireSession } from './require-session.tsx';
import { PageError, RouteError } from './route-error.tsx';

export const router = createBrowserRouter([
  {
    ErrorBoundary: RouteError,
    HydrateFallback: LoadingScreen,
    children: [
      {
        lazy: async () => ({ Component: (await import('@/features/auth/auth-layout.tsx')).AuthLayout }),
        children: [
          {
            path: 'sign-in',
            lazy: async () => ({ Component: (await import('@/features/auth/sign-in-page.tsx')).SignInPage }),
          },
          {
            path: 'sign-up',
            lazy: async () => ({ Component: (await import('@/features/auth/sign-up-page.tsx')).SignUpPage }),
          },
          {
            path: 'forgot-password',
            lazy: async () => ({
              Component: (await import('@/features/auth/forgot-password-page.tsx')).ForgotPasswordPage,
            }),
          },
          {
            path: 'reset-password',
            lazy: async () => ({
              Component: (await import('@/features/auth/reset-password-page.tsx')).ResetPasswordPage,
            }),
          },
          {
            path: 'invitations/:token',
            lazy: async () => ({
              Component: (await import('@/features/auth/invitation-page.tsx')).InvitationPage,
            }),
          },
        ],
      },
      {
        Component: RequireSession,
        children: [
          { index: true, Component: HomeRedirect },
          {
            path: 'onboarding',
            lazy: async () => ({ Component: (await import('./onboarding-route.tsx')).OnboardingRoute }),
          },
          {
            path: 'new-organization',
            lazy: async () => ({
              Component: (await import('@/features/tenancy/organizations/new-organization-page.tsx'))
                .NewOrganizationPage,
            }),
          },
          {
            lazy: async () => ({ Component: (await import('./shell/shell.tsx')).Shell }),
            children: [{ ErrorBoundary: PageError, children: shellRoutes() }],
          },
        ],
      },
      { path: '*', Component: NotFoundPage },
    ],
  },
]);

function shellRoutes() {
  return [
    {
      path: 'profile',
      lazy: async () => ({
        Component: (await import('@/features/tenancy/profile/profile-page.tsx')).ProfilePage,
      }),
    },
    { path: ':slug', children: organizationRoutes() },
  ];
}

function organizationRoutes() {
  return [
    {
      index: true as const,
      lazy: async () => ({
        Component: (await import('@/features/gateway/overview/overview-page.tsx')).OverviewPage,
      }),
    },
    {
      path: 'usage/:callId?',
      lazy: async () => ({ Component: (await import('@/features/gateway/usage/usage-page.tsx')).UsagePage }),
    },
    {
      path: 'archives',
      lazy: async () => ({
        Component: (await import('@/features/gateway/archives/archives-page.tsx')).ArchivesPage,
      }),
    },
    {
      path: 'budgets/:budgetId?',
      lazy: async () => ({
        Component: (await import('@/features/gateway/budgets/budgets-page.tsx')).BudgetsPage,
      }),
    },
    {
      path: 'alerts/channels',
      lazy: async () => ({
        Component: (await import('@/features/gateway/alert-channels/channels-page.tsx')).ChannelsPage,
      }),
    },
    {
      path: 'alerts/:alertId?',
      lazy: async () => ({
        Component: (await import('@/features/gateway/alerts/alerts-page.tsx')).AlertsPage,
      }),
    },
    {
      path: 'budgets/rate-limits',
      lazy: async () => ({
        Component: (await import('@/features/gateway/rate-limits/rate-limits-page.tsx')).RateLimitsPage,
      }),
    },
    {
      path: 'projects',
      lazy: async () => ({
        Component: (await import('@/features/gateway/projects/projects-page.tsx')).ProjectsPage,
      }),
    },
    {
      path: 'projects/:projectId',
      lazy: async () => ({
        Component: (await import('@/features/gateway/projects/project-page.tsx')).ProjectPage,
      }),
    },
    {
      path: 'providers',
      lazy: async () => ({
        Component: (await import('@/features/gateway/credentials/credentials-page.tsx')).CredentialsPage,
      }),
    },
    {
      path: 'model-aliases',
      lazy: async () => ({
        Component: (await import('@/features/gateway/model-aliases/model-aliases-page.tsx')).ModelAliasesPage,
      }),
    },
    {
      path: 'prices/:provider?/:model?',
      lazy: async () => ({
        Component: (await import('@/features/gateway/prices/prices-page.tsx')).PricesPage,
      }),
    },
    {
      path: 'reconciliation/:provider?/:day?',
      lazy: async () => ({
        Component: (await import('@/features/gateway/reconciliation/reconciliation-page.tsx'))
          .ReconciliationPage,
      }),
    },
    {
      path: 'statements',
      lazy: async () => ({
        Component: (await import('@/features/gateway/statements/statements-page.tsx')).StatementsPage,
      }),
    },
    {
      path: 'statements/:statementId',
      lazy: async () => ({
        Component: (await import('@/features/gateway/statements/statement-page.tsx')).StatementPage,
      }),
    },
    {
      path: 'reports/:reportId?',
      lazy: async () => ({
        Component: (await import('@/features/reporting/reports/reports-page.tsx')).ReportsPage,
      }),
    },
    {
      path: 'tasks/:taskId?',
      lazy: async () => ({
        Component: (await import('@/features/work/tasks/tasks-page.tsx')).TasksPage,
      }),
    },
    {
      path: 'agents',
      lazy: async () => ({
        Component: (await import('@/features/work/agents/agents-page.tsx')).AgentsPage,
      }),
    },
    {
      path: 'members',
      lazy: async () => ({
        Component: (await import('@/features/tenancy/members/members-page.tsx')).MembersPage,
      }),
    },
    {
      path: 'audit-log',
      lazy: async () => ({
        Component: (await import('@/features/tenancy/audit-log/audit-log-page.tsx')).AuditLogPage,
      }),
    },
    {
      path: 'settings',
      lazy: async () => ({
        Component: (await import('@/features/tenancy/settings/settings-page.tsx')).SettingsPage,
      }),
    },
    { path: '*', Component: NotFound },
  ];
}
