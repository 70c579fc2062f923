import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { sendJson } from '../send-json.ts';
import type { GatewayKeys } from '../verify-jwt.ts';
import { broadcastOverHttp } from './broadcast-over-http.ts';
import { queryOf, socketToken } from './caller-token.ts';
import type { Version } from './decode-frame.ts';
import { keepPartitions } from './keep-partitions.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { listenToMessages } from './listen-to-messages.ts';
import { openSocket, type Socket } from './open-socket.ts';
import { createRateCounter } from './rate-counter.ts';
import type { RealtimeContext } from './realtime-context.ts';
import { openRealtimeDatabase } from './realtime-database.ts';
import { createRooms } from './rooms.ts';
import { TokenRefusal, verifyToken } from './verify-token.ts';
import { writeLog } from './write-log.ts';

export type RealtimeOptions = {
  /** As the superuser. */
  databaseUrl: string;
  keys: GatewayKeys;
  isEnabled: boolean;
  /** Where they differ from those of a large hosted project. */
  limits?: Partial<Limits>;
  logFile: string;
};

export type Realtime = {
  /** For `/realtime/v1/websocket`. */
  upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** For all else below `/realtime/v1`. */
  handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  /** Tells clients to come back, once however often it is asked. */
  stop: () => Promise<void>;
};

/** Serves the protocol of Supabase Realtime as its clients use it: broadcast, presence, and broadcast from the database. */
export async function startRealtime(options: RealtimeOptions): Promise<Realtime> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const log = writeLog(options.logFile);
  const database = openRealtimeDatabase(options.databaseUrl);
  const context: RealtimeContext = {
    keys: options.keys,
    limits,
    rooms: createRooms(),
    database,
    messages: createRateCounter(limits.messagesPerSecond),
    joins: createRateCounter(limits.joinsPerSecond),
    presence: createRateCounter(limits.presencePerSecond),
    log: log.write,
  };
  const sockets = new Set<Socket>();
  const closeAll = (reason: string): void => {
    for (const socket of sockets) socket.close(SERVICE_RESTART, reason);
  };
  const keep = () =>
    keepPartitions(database.sql).catch((error: unknown) => log.write('PartitionUpkeep', error));
  await keep();
  const listening = await listenToMessages({
    databaseUrl: options.databaseUrl,
    sql: database.sql,
    deliver: (message) => {
      if (message.payload.length <= limits.payloadBytes) context.rooms.deliver(message);
      else
        log.write('PayloadSizeExceeded', `${message.topic}: ${message.payload.length} bytes of the database`);
    },
    // Clients come back by themselves, and look at what they may have missed.
    onGap: () => closeAll('messages of the database may have been missed'),
    onError: (error) => log.write('UnableToBroadcastChanges', error),
  });
  const upkeep = setInterval(() => void keep(), UPKEEP_MS);
  const sweeping = setInterval(() => sockets.forEach((socket) => socket.sweep()), limits.idleMs / 6);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    clearInterval(upkeep);
    clearInterval(sweeping);
    closeAll('restarting');
    for (let waited = 0; sockets.size > 0 && waited < CLOSING_MS; waited += 10) await sleep(10);
    for (const socket of sockets) socket.terminate();
    await listening.stop();
    await database.stop();
    log.end();
  };
  const accept = acceptSockets(context, sockets, () => stopping === undefined);
  return {
    upgrade: (req, socket, head) => {
      socket.on('error', () => {});
      if (stopping !== undefined) return refuseUpgrade(socket, 500, 'Error connecting to Realtime');
      if (!options.isEnabled) return refuseUpgrade(socket, 403, DISABLED);
      accept(req, socket, head).catch((error: unknown) => {
        log.write('UpgradeFailed', error);
        refuseUpgrade(socket, 500, 'Error connecting to Realtime');
      });
    },
    handle: async (req, res) => {
      if (!options.isEnabled) return sendJson(res, 403, { message: DISABLED });
      if (req.url?.startsWith('/realtime/v1/api/')) return broadcastOverHttp(context, req, res);
      sendJson(res, 404, { message: 'Not found' });
    },
    stop: () => (stopping ??= stop()),
  };
}

type Accept = (req: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;

function acceptSockets(context: RealtimeContext, sockets: Set<Socket>, isOpen: () => boolean): Accept {
  const { keys, limits } = context;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: LARGEST_FRAME_BYTES,
    // As hosted Realtime: what is no text is no JSON either, and is dropped as such.
    skipUTF8Validation: true,
  });
  return async (req, duplex, head) => {
    const version = VERSIONS.get(queryOf(req).get('vsn') ?? '1.0.0');
    if (version === undefined) return refuseUpgrade(duplex, 403);
    const token = socketToken(req, keys);
    if (token === undefined) return refuseUpgrade(duplex, 401, 'API key is missing');
    const refusal = await tokenRefusal(token, keys.jwtSecret);
    if (refusal !== undefined) return refuseUpgrade(duplex, 401, refusal);
    if (sockets.size >= limits.sockets) return refuseUpgrade(duplex, 429, 'Too many connected users');
    if (!isOpen()) return refuseUpgrade(duplex, 500, 'Error connecting to Realtime');
    if (duplex.destroyed) return;
    server.handleUpgrade(req, duplex, head, (ws) => {
      const headers = Object.fromEntries(
        Object.entries(req.headers).filter(([name]) => name.startsWith('x-')),
      );
      const onClose = (): void => void sockets.delete(socket);
      const socket = openSocket(ws, { context, version, headers, token, onClose });
      sockets.add(socket);
    });
  };
}

async function tokenRefusal(token: string, jwtSecret: string): Promise<string | undefined> {
  try {
    await verifyToken(token, jwtSecret);
    return undefined;
  } catch (error) {
    if (!(error instanceof TokenRefusal)) throw error;
    return error.isExpired ? 'Token has expired' : error.message;
  }
}

function refuseUpgrade(socket: Duplex, status: number, error?: string): void {
  const body = error === undefined ? '' : JSON.stringify({ error });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_TEXTS[status] ?? ''}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const VERSIONS = new Map<string, Version>([
  ['1.0.0', 'v1'],
  ['2.0.0', 'v2'],
]);
const STATUS_TEXTS: Record<number, string> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};
const DISABLED = 'Realtime was disabled for this tenant';
const LARGEST_FRAME_BYTES = 5_000_000;
const SERVICE_RESTART = 1012;
const UPKEEP_MS = 600_000;
const CLOSING_MS = 500;
