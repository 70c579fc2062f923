/** Every address of the app, once. */
export const paths = {
  home: '/',
  signIn: '/sign-in',
  signUp: '/sign-up',
  forgotPassword: '/forgot-password',
  resetPassword: '/reset-password',
  onboarding: '/onboarding',
  profile: '/profile',
  newOrganization: '/new-organization',
  invitation: (token: string) => `/invitations/${token}`,
  overview: (slug: string) => `/${slug}`,
  usage: (slug: string) => `/${slug}/usage`,
  call: (slug: string, callId: string) => `/${slug}/usage/${callId}`,
  budgets: (slug: string) => `/${slug}/budgets`,
  budget: (slug: string, budgetId: string) => `/${slug}/budgets/${budgetId}`,
  projects: (slug: string) => `/${slug}/projects`,
  project: (slug: string, projectId: string) => `/${slug}/projects/${projectId}`,
  providers: (slug: string) => `/${slug}/providers`,
  prices: (slug: string) => `/${slug}/prices`,
  price: (slug: string, provider: string, model: string) =>
    `/${slug}/prices/${provider}/${encodeURIComponent(model)}`,
  reconciliation: (slug: string) => `/${slug}/reconciliation`,
  reconciliationDay: (slug: string, provider: string, day: string) =>
    `/${slug}/reconciliation/${provider}/${day}`,
  members: (slug: string) => `/${slug}/members`,
  auditLog: (slug: string) => `/${slug}/audit-log`,
  settings: (slug: string) => `/${slug}/settings`,
} as const;
