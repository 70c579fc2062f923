import { useEffect } from 'react';
import { rememberOrganization } from '@/lib/last-organization.ts';
import type { Organization } from '@/lib/organization.tsx';

export function useOpenOrganization({ slug }: Organization): void {
  useEffect(() => rememberOrganization(slug), [slug]);
}
