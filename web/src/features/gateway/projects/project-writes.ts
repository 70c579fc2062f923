import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { Project } from './project-queries.ts';

type ProjectValues = { name: string; description: string };

/** Answers the new project's id. */
export async function createProject(organizationId: string, values: ProjectValues): Promise<string> {
  const { id } = unwrap(
    await supabase()
      .from('projects')
      .insert({ organization_id: organizationId, ...trimmed(values) })
      .select('id')
      .single(),
  );
  return id;
}

export async function changeProject({ id }: Pick<Project, 'id'>, values: ProjectValues): Promise<void> {
  requireSuccess(await supabase().from('projects').update(trimmed(values)).eq('id', id));
}

export type BodyLogging = 'none' | 'redacted' | 'full';

/** Holds from the next call on; the days also for what is kept already. */
export async function changeBodyLogging(
  { id }: Pick<Project, 'id'>,
  { logging, days }: { logging: BodyLogging; days: number },
): Promise<void> {
  requireSuccess(
    await supabase().from('projects').update({ body_logging: logging, body_days: days }).eq('id', id),
  );
}

/** Answers how many answers were kept for its calls. */
export async function forgetCachedAnswers({ id }: Pick<Project, 'id'>): Promise<number> {
  return unwrap(await supabase().rpc('forget_cached_answers', { project_id: id }));
}

/** Calls with an archived project's keys are refused from the next one on. */
export async function archiveProject({ id }: Pick<Project, 'id'>): Promise<void> {
  const archived_at = new Date().toISOString();
  requireSuccess(await supabase().from('projects').update({ archived_at }).eq('id', id));
}

export async function restoreProject({ id }: Pick<Project, 'id'>): Promise<void> {
  requireSuccess(await supabase().from('projects').update({ archived_at: null }).eq('id', id));
}

const trimmed = ({ name, description }: ProjectValues): ProjectValues => ({
  name: name.trim(),
  description: description.trim(),
});
