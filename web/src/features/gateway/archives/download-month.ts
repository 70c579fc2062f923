import { RequestError } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import { fetchPaths } from './archive-queries.ts';

const bucket = 'usage-archives';

/** A month's parts as one file of gzipped lines of JSON: gzip files that follow one another are one. */
export async function downloadMonth(organizationId: string, month: string): Promise<Blob> {
  const parts: Blob[] = [];
  for (const path of await fetchPaths(organizationId, month)) {
    const { data, error } = await supabase().storage.from(bucket).download(path);
    if (error) throw new RequestError({ code: 'archive_unreadable', status: 502, message: error.message });
    parts.push(data);
  }
  return new Blob(parts, { type: 'application/gzip' });
}
