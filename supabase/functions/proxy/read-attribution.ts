import type { Attribution, Dialect } from './call.ts';
import { cleanText } from './clean-text.ts';
import { type JsonObject, objectOf } from './json-object.ts';

/** For whom a call is made: the `x-khq-*` headers, else what the dialect's own fields say. */
export function readAttribution(headers: Headers, body: JsonObject, dialect: Dialect): Attribution {
  const metadata = objectOf(body.metadata);
  const name = (header: string, ...fallbacks: unknown[]): string | null => {
    const texts = [headers.get(header), ...fallbacks].map((value) => cleanText(value, maxNameLength));
    return texts.find((text) => text !== null) ?? null;
  };
  if (dialect === 'anthropic') {
    return {
      userId: name('x-khq-user', metadata.user_id),
      agentId: name('x-khq-agent'),
      taskId: name('x-khq-task'),
      tags: readTags(headers.get('x-khq-tags')),
    };
  }
  return {
    userId: name('x-khq-user', body.user, metadata.user_id),
    agentId: name('x-khq-agent', metadata.agent_id, metadata.agentId),
    taskId: name('x-khq-task', metadata.task_id, metadata.taskId),
    tags: readTags(headers.get('x-khq-tags')),
  };
}

const maxNameLength = 200;
const maxTagLength = 64;
const maxTags = 20;

function readTags(header: string | null): string[] {
  if (header === null) return [];
  const tags = header
    .split(',', maxTags * 2)
    .map((tag) => cleanText(tag, maxTagLength))
    .filter((tag) => tag !== null);
  return [...new Set(tags)].slice(0, maxTags);
}
