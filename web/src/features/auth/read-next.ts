import { paths } from '@/lib/paths.ts';

/** Where to go after signing in: an address inside this app, whatever the query says. */
export function readNext(search: URLSearchParams, fallback: string = paths.home): string {
  const next = search.get('next') ?? '';
  return /^\/(?![/\\])/.test(next) ? next : fallback;
}

/** Keeps where someone wanted to go while they move between the forms. */
export function withNext(path: string, search: URLSearchParams): string {
  const next = search.get('next');
  return next === null ? path : `${path}?next=${encodeURIComponent(next)}`;
}
