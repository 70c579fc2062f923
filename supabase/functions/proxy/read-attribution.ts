import type { Attribution, Dialect } from './call.ts';
import { cleanText } from './clean-text.ts';
import { type JsonObject, listOf, objectOf } from './json-object.ts';

/** For whom a call is made: the `x-khq-*` headers, else what the dialect's own fields say. */
export function readAttribution(headers: Headers, body: JsonObject, dialect: Dialect): Attribution {
  const metadata = objectOf(body.metadata);
  const name = (header: string, ...fallbacks: unknown[]): string | null => {
    const texts = [readHeader(headers, header), ...fallbacks].map((value) => cleanText(value, maxNameLength));
    return texts.find((text) => text !== null) ?? null;
  };
  if (dialect === 'anthropic') {
    return {
      userId: name('x-khq-user', metadata.user_id),
      agentId: name('x-khq-agent'),
      taskId: name('x-khq-task'),
      tags: readTags(readHeader(headers, 'x-khq-tags')),
    };
  }
  return {
    userId: name('x-khq-user', body.user, metadata.user_id, metadata.userId),
    agentId: name('x-khq-agent', metadata.agent_id, metadata.agentId),
    taskId: name('x-khq-task', metadata.task_id, metadata.taskId),
    tags: readTags(readHeader(headers, 'x-khq-tags') ?? metadata.tags),
  };
}

const maxNameLength = 200;
const maxTagLength = 64;
const maxTags = 20;

/** A header is bytes, and HTTP does not say of what: of UTF-8, if they can be, else of Latin-1. */
function readHeader(headers: Headers, name: string): string | null {
  const value = headers.get(name);
  if (value === null || !/[\u0080-\u00ff]/.test(value)) return value;
  try {
    return utf8.decode(Uint8Array.from(value, (byte) => byte.charCodeAt(0)));
  } catch {
    return value;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Separated by commas, as a header must be, or a list. */
function readTags(given: unknown): string[] {
  const listed = typeof given === 'string' ? given.split(',', maxTags * 2) : listOf(given);
  const tags = listed
    .slice(0, maxTags * 2)
    .map((tag) => cleanText(tag, maxTagLength))
    .filter((tag) => tag !== null);
  return [...new Set(tags)].slice(0, maxTags);
}
