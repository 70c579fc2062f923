import type { SocketSide } from './channel-state.ts';
import { openChannel, type Channel } from './channel.ts';
import { isObject, type TextFrame } from './decode-frame.ts';
import { encodeBroadcast, encodePush, encodeReply } from './encode-frame.ts';
import { readJoinConfig, type JoinConfig } from './join-config.ts';
import { createPermissions, PUBLIC, type Permissions } from './permissions.ts';
import type { RealtimeContext } from './realtime-context.ts';
import { DatabaseRefusal, type Caller, type StoredMessage } from './realtime-database.ts';
import { TOPIC_PREFIX, wireTopic } from './rooms.ts';
import { TokenRefusal, verifyToken } from './verify-token.ts';

export type JoinOptions = {
  context: RealtimeContext;
  socket: SocketSide & { token: string; channelCount: () => number; isOpen: () => boolean };
  frame: TextFrame;
  onLeave: () => void;
};

/** Answers a join. @returns the channel; undefined when it was refused */
export async function joinChannel(options: JoinOptions): Promise<Channel | undefined> {
  const { socket, frame, context } = options;
  const refs = { joinRef: frame.joinRef, ref: frame.ref };
  try {
    return await join(options);
  } catch (error) {
    if (!(error instanceof JoinRefusal)) throw error;
    context.log(error.code ?? 'Refused', `${frame.topic}: ${error.message}`);
    const reason = error.code === undefined ? error.message : `${error.code}: ${error.message}`;
    socket.send(encodeReply(frame.topic, refs, 'error', { reason }));
    return undefined;
  }
}

class JoinRefusal extends Error {
  readonly code: string | undefined;
  constructor(code: string | undefined, message: string) {
    super(message);
    this.code = code;
  }
}

async function join({ context, socket, frame, onLeave }: JoinOptions): Promise<Channel | undefined> {
  const topic = topicOf(frame);
  const config = readJoinConfig(frame.payload);
  if (config.wantsChanges) throw new JoinRefusal('RealtimeDisabledForConfiguration', NO_CHANGES);
  if (socket.channelCount() >= context.limits.channelsPerSocket)
    throw new JoinRefusal('ChannelRateLimitReached', 'Too many channels');
  const replay = readReplay(config);
  const token = config.token ?? socket.token;
  const claims = await verify(token, context);
  const caller = { claims, headers: socket.headers };
  const permissions = config.isPrivate ? await askPolicies(context, topic, config, caller) : PUBLIC;
  if (replay !== undefined && permissions.reads('broadcast') !== true) throw unauthorized(topic);
  if (!socket.isOpen()) return undefined;
  const { joinRef, ref } = frame;
  const channel = openChannel({
    context,
    socket,
    topic,
    joinRef,
    config,
    permissions,
    token,
    claims,
    onLeave,
  });
  const replayed = await readReplayed(context, topic, replay, channel);
  if (!socket.isOpen()) {
    channel.leave();
    return undefined;
  }
  socket.send(encodeReply(frame.topic, { joinRef, ref }, 'ok', { postgres_changes: [] }));
  channel.showPresence();
  sendReplayed(socket, topic, joinRef, replayed);
  channel.begin(new Set(replayed.map(({ id }) => id)));
  if (config.wantsReplicationReady) channel.push('system', { ...REPLICATION_READY, channel: topic });
  return channel;
}

function topicOf({ topic }: TextFrame): string {
  if (!topic.startsWith(TOPIC_PREFIX)) throw new JoinRefusal(undefined, 'unmatched topic');
  const name = topic.slice(TOPIC_PREFIX.length);
  if (name === '') throw new JoinRefusal('TopicNameRequired', 'You must provide a topic name');
  return name;
}

async function verify(token: string, { keys }: RealtimeContext) {
  try {
    return await verifyToken(token, keys.jwtSecret);
  } catch (error) {
    if (error instanceof TokenRefusal) throw new JoinRefusal(error.code, error.message);
    throw error;
  }
}

async function askPolicies(
  { database, log }: RealtimeContext,
  topic: string,
  config: JoinConfig,
  caller: Caller,
): Promise<Permissions> {
  const permissions = createPermissions(database, topic, caller);
  try {
    await permissions.askRead(config.isPresenceEnabled ? ['broadcast', 'presence'] : ['broadcast']);
  } catch (error) {
    if (!(error instanceof DatabaseRefusal)) throw error;
    log(error.code, error.cause);
    throw error.code === 'RlsPolicyError' ? unauthorized(topic) : new JoinRefusal(error.code, error.message);
  }
  if (permissions.reads('broadcast') !== true && permissions.reads('presence') !== true)
    throw unauthorized(topic);
  return permissions;
}

function unauthorized(topic: string): JoinRefusal {
  const message = `You do not have permissions to read from this Channel topic: ${topic}`;
  return new JoinRefusal('Unauthorized', message);
}

type Replay = { since: Date; limit: number };

function readReplay({ replay, isPrivate }: JoinConfig): Replay | undefined {
  if (replay === undefined || replay === null) return undefined;
  const refuse = (message: string) => new JoinRefusal('UnableToReplayMessages', message);
  if (!isPrivate) throw refuse('Replay is not allowed for public channels');
  const { since, limit = MOST_REPLAYED } = isObject(replay) ? replay : {};
  if (!isCount(since) || !isCount(limit)) throw refuse('Replay params are not valid');
  return { since: new Date(since), limit: Math.min(Math.max(limit, 1), MOST_REPLAYED) };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= LAST_DATE_MS;
}

/** The channel is in its room by now and keeps what comes meanwhile, so that nothing falls between the two. */
async function readReplayed(
  { database, log }: RealtimeContext,
  topic: string,
  replay: Replay | undefined,
  channel: Channel,
): Promise<StoredMessage[]> {
  if (replay === undefined) return [];
  try {
    return await database.replay(topic, replay.since, replay.limit);
  } catch (error) {
    channel.leave();
    if (!(error instanceof DatabaseRefusal)) throw error;
    log(error.code, error.cause);
    throw new JoinRefusal('UnableToReplayMessages', 'Realtime was unable to replay messages');
  }
}

function sendReplayed(
  socket: SocketSide,
  topic: string,
  joinRef: string | null,
  messages: StoredMessage[],
): void {
  for (const { id, event, isJson, payload } of messages) {
    const meta = { replayed: true, id };
    if (!isJson) socket.send(encodeBroadcast({ topic: wireTopic(topic), event, isJson, payload, meta }));
    else {
      const parsed: unknown = JSON.parse(payload.toString());
      const body = { payload: parsed, event, type: 'broadcast', meta };
      socket.send(encodePush(wireTopic(topic), 'broadcast', body, { joinRef, ref: null }));
    }
  }
}

const NO_CHANGES = 'Postgres Changes are not available here: broadcast from the database instead';
const REPLICATION_READY = {
  extension: 'system',
  status: 'ok',
  message: 'Replication connection established',
};
const MOST_REPLAYED = 25;
const LAST_DATE_MS = 8.64e15;
