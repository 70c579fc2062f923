/** Shown instead of the app when it does not know its server; depends on nothing that could fail as well. */
export function StartFailure({ reason }: { reason: string }) {
  return (
    <main style={{ maxWidth: '32rem', margin: '20vh auto', padding: '0 1.5rem', fontFamily: 'system-ui' }}>
      <h1 style={{ fontSize: '1.25rem' }}>Kreative HQ could not start</h1>
      <p>
        This page did not learn which server it belongs to. Reload it; if that does not help, the person who
        runs this installation needs the reason below.
      </p>
      <pre style={{ whiteSpace: 'pre-wrap' }}>{reason}</pre>
    </main>
  );
}
