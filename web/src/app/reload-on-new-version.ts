const storageKey = 'khq.reloaded-at';
const patienceMs = 30_000;

/**
 * After a deployment the chunks that an open page knows are gone; loading the page again gets the new ones. Once only,
 * and not while the server does not answer: then the page stays and its error is shown.
 */
export function reloadOnNewVersion(): void {
  window.addEventListener('vite:preloadError', () => {
    const reloadedAt = Number(sessionStorage.getItem(storageKey) ?? 0);
    if (Date.now() - reloadedAt < patienceMs) return;
    void reloadIfServerAnswers();
  });
}

async function reloadIfServerAnswers(): Promise<void> {
  const answer = await fetch('/', { method: 'HEAD', cache: 'no-store' }).catch(() => undefined);
  if (!answer?.ok) return;
  sessionStorage.setItem(storageKey, String(Date.now()));
  window.location.reload();
}
