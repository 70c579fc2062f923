const storageKey = 'khq.last-organization';

/** The slug that was open last on this machine; a convenience, never a permission. */
export function readLastOrganization(): string | undefined {
  return localStorage.getItem(storageKey) ?? undefined;
}

export function rememberOrganization(slug: string): void {
  localStorage.setItem(storageKey, slug);
}
