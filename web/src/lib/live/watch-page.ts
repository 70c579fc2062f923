/** How long silent loss may go unnoticed on a page that is looked at. */
const headCheckMs = 30_000;

/** Calls back whenever it is time to ask the database: online again, visible again, and every half minute while it is. */
export function watchPage(onWake: () => void): void {
  const wakeIfVisible = (): void => {
    if (document.visibilityState === 'visible') onWake();
  };
  window.addEventListener('online', onWake);
  document.addEventListener('visibilitychange', wakeIfVisible);
  setInterval(wakeIfVisible, headCheckMs);
}
