import { z } from 'zod';
import { type Books, booksPath } from './provider-reports.ts';

/** Writes what the stand-in for the report APIs has on its books for an admin key. */
export async function keepBooks(
  adminKey: string,
  books: z.input<typeof Books>,
  url = readReportsUrl(),
): Promise<void> {
  const response = await fetch(`${url}${booksPath}${encodeURIComponent(adminKey)}`, {
    method: 'PUT',
    body: JSON.stringify(books),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** The stand-in that this run's stack was started with. */
function readReportsUrl(): string {
  return z.url({ error: 'REPORTS_URL is not set: run `npm test`.' }).parse(process.env['REPORTS_URL']);
}
