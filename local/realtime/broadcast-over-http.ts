import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { answerPreflight, CORS_HEADERS } from '../api-cors.ts';
import { sendJson } from '../send-json.ts';
import { queryOf, requestToken } from './caller-token.ts';
import { persistSeconds } from './channel-broadcast.ts';
import { isObject } from './decode-frame.ts';
import { encodeBroadcast, encodePush, type Outgoing } from './encode-frame.ts';
import type { RealtimeContext } from './realtime-context.ts';
import { DatabaseRefusal, type Caller, type WriteExtension } from './realtime-database.ts';
import { wireTopic } from './rooms.ts';
import { TokenRefusal, verifyToken } from './verify-token.ts';

/** `…/api/broadcast` and `…/api/broadcast/<topic>/events/<event>`: messages of callers who hold no socket. */
export async function broadcastOverHttp(
  context: RealtimeContext,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (answerPreflight(req, res)) return;
  try {
    await serve(context, req);
    res.writeHead(202, CORS_HEADERS).end();
  } catch (error) {
    if (error instanceof HttpRefusal) return sendJson(res, error.status, error.body, CORS_HEADERS);
    if (!(error instanceof DatabaseRefusal)) throw error;
    context.log(error.code, error.cause);
    const status = error.code === 'RlsPolicyError' ? 403 : 503;
    sendJson(res, status, { message: status === 403 ? 'Unauthorized' : error.message }, CORS_HEADERS);
  }
}

class HttpRefusal extends Error {
  readonly status: number;
  readonly body: object;
  constructor(status: number, body: object) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
  }
}

async function serve(context: RealtimeContext, req: IncomingMessage): Promise<void> {
  const [path = ''] = (req.url ?? '').split('?', 1);
  const segments = path.split('/').slice(4);
  const isBatch = segments.length === 1 && segments[0] === 'broadcast';
  const isSingle = segments.length === 4 && segments[0] === 'broadcast' && segments[2] === 'events';
  if (!isBatch && !isSingle) throw new HttpRefusal(404, { message: 'Not found' });
  if (req.method !== 'POST') throw new HttpRefusal(405, { message: 'Method not allowed' });
  const caller = await identify(context, req);
  const body = await readBody(req, context.limits.payloadBytes);
  if (isBatch) return broadcastBatch(context, caller, body);
  const [topic, event] = [segments[1], segments[3]].map((part) => decode(part ?? ''));
  if (!topic || !event) throw new HttpRefusal(422, { errors: { topic: ["can't be blank"] } });
  return broadcastOne(context, caller, { topic, event, query: queryOf(req), req, body });
}

async function identify({ keys }: RealtimeContext, req: IncomingMessage): Promise<Caller> {
  try {
    return { claims: await verifyToken(requestToken(req, keys) ?? '', keys.jwtSecret), headers: req.headers };
  } catch (error) {
    if (error instanceof TokenRefusal) throw new HttpRefusal(401, { message: 'Unauthorized' });
    throw error;
  }
}

const filled = z.string("can't be blank").min(1, "can't be blank");
const Batch = z.object({
  messages: z.array(
    z.object({
      topic: filled,
      event: filled,
      payload: z.record(z.string(), z.unknown(), "can't be blank"),
      private: z.boolean().default(false),
    }),
    "can't be blank",
  ),
});

/** Answered alike whether a private topic's policies let the message through or not. */
async function broadcastBatch(context: RealtimeContext, caller: Caller, body: Buffer): Promise<void> {
  const { messages } = parseBatch(body, context.limits.messagesPerSecond);
  const allowed = new Map<string, boolean>();
  for (const { topic, private: isPrivate } of messages) {
    if (!isPrivate || allowed.has(topic)) continue;
    allowed.set(topic, await mayWrite(context, caller, topic, ['broadcast']));
  }
  const sent = messages.filter(({ topic, private: isPrivate }) => !isPrivate || allowed.get(topic) === true);
  count(context, sent.length);
  for (const { topic, event, payload, private: isPrivate } of sent)
    send(
      context,
      topic,
      isPrivate,
      encodePush(wireTopic(topic), 'broadcast', { payload, event, type: 'broadcast' }),
    );
}

function parseBatch(body: Buffer, most: number): z.infer<typeof Batch> {
  const given = parseJson(body);
  // Counted before they are looked at, which takes long for a million.
  if (isObject(given) && Array.isArray(given['messages']) && given['messages'].length > most) {
    const message = 'Too many messages to broadcast, please reduce the batch size';
    throw new HttpRefusal(429, { message });
  }
  const parsed = Batch.safeParse(given);
  if (parsed.success) return parsed.data;
  const messages: unknown[] = [];
  for (const { path, message } of parsed.error.issues) {
    const [, index, field] = path;
    if (typeof index !== 'number') messages.push(message);
    else messages[index] = { ...Object(messages[index]), [String(field)]: [message] };
  }
  // One for each message, empty where nothing is wrong with it.
  throw new HttpRefusal(422, { errors: { messages: Array.from(messages, (message) => message ?? {}) } });
}

type Single = { topic: string; event: string; query: URLSearchParams; req: IncomingMessage; body: Buffer };

async function broadcastOne(context: RealtimeContext, caller: Caller, single: Single): Promise<void> {
  const { topic, event, query, req, body } = single;
  const isJson = isJsonBody(req);
  if (isJson && parseJson(body) === undefined)
    throw new HttpRefusal(422, { errors: { payload: ['is not valid JSON'] } });
  const isPrivate = query.get('private') === 'true';
  const ttlSeconds = readPersist(query);
  if (ttlSeconds !== undefined && !isPrivate)
    throw new HttpRefusal(422, { errors: { persist: ['is for private channels only'] } });
  const asked: WriteExtension[] = ttlSeconds === undefined ? ['broadcast'] : ['broadcast', 'persistence'];
  if (isPrivate && !(await mayWrite(context, caller, topic, asked)))
    throw new HttpRefusal(403, { message: 'Unauthorized' });
  count(context, 1);
  const message = { topic, event, isJson, payload: body };
  const meta =
    ttlSeconds === undefined
      ? {}
      : { meta: { id: await context.database.persist({ ...message, ttlSeconds }) } };
  send(context, topic, isPrivate, encodeBroadcast({ ...message, ...meta, topic: wireTopic(topic) }));
}

function isJsonBody(req: IncomingMessage): boolean {
  const type = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json' || type === 'application/octet-stream') return type === 'application/json';
  const error = 'Unsupported Media Type. Use application/json or application/octet-stream';
  throw new HttpRefusal(415, { error });
}

/** `persist=true` or `persist[ttl]=60`. @returns seconds; undefined where it is not asked for */
function readPersist(query: URLSearchParams): number | undefined {
  const ttl = query.get('persist[ttl]');
  const flag = query.get('persist');
  if (ttl === null && (flag === null || flag === 'false')) return undefined;
  const seconds = persistSeconds(ttl === null ? flag === 'true' : { ttl: Number(ttl) });
  if (seconds === undefined) throw new HttpRefusal(422, { errors: { persist: ['invalid_persist_ttl'] } });
  return seconds;
}

async function mayWrite(
  { database }: RealtimeContext,
  caller: Caller,
  topic: string,
  extensions: WriteExtension[],
): Promise<boolean> {
  const { write } = await database.authorize(topic, caller, { write: extensions });
  return write.every((isAllowed) => isAllowed);
}

function count({ messages }: RealtimeContext, number: number): void {
  if (!messages.take(number)) throw new HttpRefusal(429, { message: 'You have exceeded your rate limit' });
}

function send({ rooms }: RealtimeContext, topic: string, isPrivate: boolean, message: Outgoing): void {
  rooms.find(topic, isPrivate)?.broadcast(message);
}

async function readBody(req: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of req) {
    if (!Buffer.isBuffer(part)) continue;
    bytes += part.length;
    // Read on for a while, so that the answer reaches whoever still writes.
    if (bytes <= mostBytes) parts.push(part);
    else if (bytes > 4 * mostBytes) break;
  }
  if (bytes > mostBytes)
    throw new HttpRefusal(422, { errors: { payload: ['Payload size exceeds tenant limit'] } });
  return Buffer.concat(parts);
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
