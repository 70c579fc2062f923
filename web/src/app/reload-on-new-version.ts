const storageKey = 'khq.reloaded-at';
const patienceMs = 30_000;

/**
 * After a deployment the chunks that an open page knows are gone; loading the page again gets the new ones. Once only:
 * when that does not help, the error is shown.
 */
export function reloadOnNewVersion(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const reloadedAt = Number(sessionStorage.getItem(storageKey) ?? 0);
    if (Date.now() - reloadedAt < patienceMs) return;
    sessionStorage.setItem(storageKey, String(Date.now()));
    event.preventDefault();
    window.location.reload();
  });
}
