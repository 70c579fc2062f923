import { useEffect } from 'react';

/** Paper is white: while it is printed, a page that is shown dark is light. */
export function usePrintLight(): void {
  useEffect(() => {
    const root = document.documentElement;
    let scheme: string | null = null;
    const before = (): void => {
      scheme = root.getAttribute(attribute);
      root.setAttribute(attribute, 'light');
    };
    const after = (): void => {
      if (scheme !== null) root.setAttribute(attribute, scheme);
    };
    window.addEventListener('beforeprint', before);
    window.addEventListener('afterprint', after);
    return () => {
      window.removeEventListener('beforeprint', before);
      window.removeEventListener('afterprint', after);
    };
  }, []);
}

const attribute = 'data-mantine-color-scheme';
