/**
 * Whether tldraw draws here: with its licence, or where it takes a page for one that is being developed, which is on this
 * machine and without https. Elsewhere a board shows its notes.
 */
export function canDraw(): boolean {
  const { protocol, hostname } = window.location;
  return (
    (tldrawLicense ?? '') !== '' ||
    import.meta.env.DEV ||
    protocol === 'http:' ||
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}

export const tldrawLicense: string | undefined = import.meta.env.VITE_TLDRAW_LICENSE_KEY;
