import { type ReactNode, createContext, use } from 'react';
import type { Role } from '@contracts/tenancy.ts';
import type { Usd } from './money.ts';

export type Organization = {
  id: string;
  slug: string;
  name: string;
  plan: string;
  /** IANA name; days and months of budgets and charts are counted in it. */
  timeZone: string;
  /** What each member may spend a month with keys of their own; null where they make none. */
  personalKeyLimitUsd: Usd | null;
  role: Role;
  /** Owners and admins: keys, credentials, projects, members. */
  canManage: boolean;
  isOwner: boolean;
  /** Whether the first steps are still to be offered. */
  onboarding: 'open' | 'skipped' | 'done';
};

const OrganizationContext = createContext<Organization | null>(null);

export function OrganizationProvider({ value, children }: { value: Organization; children: ReactNode }) {
  return <OrganizationContext value={value}>{children}</OrganizationContext>;
}

/** The organization whose slug is in the address. */
export function useOrganization(): Organization {
  const organization = use(OrganizationContext);
  if (!organization) throw new Error('useOrganization is for pages below /:slug.');
  return organization;
}
