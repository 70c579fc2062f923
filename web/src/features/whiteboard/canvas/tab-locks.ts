const nameOf = (tabId: string): string => `whiteboard-tab ${tabId}`;

/** Says as long as this page lives, or until released, that a tab's work is in good hands. */
export async function holdTab(tabId: string): Promise<() => void> {
  // Only where the page is secure. Elsewhere each tab takes over what it finds, which is done only once all the same.
  if (!('locks' in navigator)) return () => undefined;
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(nameOf(tabId), () => new Promise<void>((release) => resolve(() => release())))
      .catch(reject);
  });
}

export async function isTabOpen(tabId: string): Promise<boolean> {
  if (!('locks' in navigator)) return false;
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === nameOf(tabId));
}
