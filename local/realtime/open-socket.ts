import type { WebSocket } from 'ws';
import { decodeFrame, type Frame, type Version } from './decode-frame.ts';
import type { Outgoing } from './encode-frame.ts';
import type { RealtimeContext } from './realtime-context.ts';
import { createSocketChannels, type SocketChannels } from './socket-channels.ts';

export type Socket = {
  close: (code: number, reason: string) => void;
  terminate: () => void;
  /** Closes it when it has been silent, or without a channel, for too long. */
  sweep: () => void;
};

export type SocketOptions = {
  context: RealtimeContext;
  version: Version;
  /** Of the request that opened it: those that policies see. */
  headers: Record<string, unknown>;
  token: string;
  onClose: () => void;
};

/** Serves one client. Its messages are handled one after the other: while a policy is asked, it is not read from. */
export function openSocket(ws: WebSocket, options: SocketOptions): Socket {
  const { context, version, headers, token } = options;
  const { limits, log } = context;
  let heardAt = Date.now();

  const send = (message: Outgoing): void => {
    const encoded = message(version);
    if (encoded === undefined || ws.readyState !== ws.OPEN) return;
    if (ws.bufferedAmount > limits.waitingBytes) {
      log('SlowSocket', `${ws.bufferedAmount} bytes wait for it`);
      return ws.terminate();
    }
    ws.send(encoded.data, { binary: encoded.isBinary });
  };
  const channels = createSocketChannels({
    context,
    socket: { version, headers, token, send, isOpen: () => ws.readyState === ws.OPEN },
    disconnect: () => ws.close(1008),
  });
  const receive = inOrder(ws, channels);

  ws.on('message', (data, isBinary) => {
    heardAt = Date.now();
    const frame = Buffer.isBuffer(data) ? decodeFrame(data, isBinary, version) : undefined;
    if (frame === undefined) log('MalformedWebSocketMessage', isBinary ? 'binary' : 'text');
    else receive(frame);
  });
  ws.on('ping', () => (heardAt = Date.now()));
  ws.on('error', (error) => log('SocketError', error.message));
  ws.on('close', () => {
    channels.leaveAll();
    options.onClose();
  });
  return {
    close: (code, reason) => ws.close(code, reason),
    terminate: () => ws.terminate(),
    sweep: () => {
      const now = Date.now();
      if (ws.readyState !== ws.OPEN) {
        if (now - heardAt > limits.idleMs) ws.terminate();
      } else if (!ws.isPaused && now - heardAt > limits.idleMs) ws.close(1001, 'idle');
      else if (now - channels.occupiedAt() > limits.emptyMs) ws.close(1001, 'no channels');
    },
  };
}

/** Handles a frame at once, or after those before it; it reads on only when all are done. */
function inOrder(ws: WebSocket, { handle, crash }: SocketChannels): (frame: Frame) => void {
  const waiting: Frame[] = [];
  let isBusy = false;
  const run = async (first: Frame, work: Promise<void>): Promise<void> => {
    isBusy = true;
    ws.pause();
    await work.catch((error: unknown) => crash(first, error));
    for (let frame = waiting.shift(); frame !== undefined; frame = waiting.shift()) {
      const current = frame;
      await attempt(current)?.catch((error: unknown) => crash(current, error));
    }
    isBusy = false;
    ws.resume();
  };
  const attempt = (frame: Frame): Promise<void> | undefined => {
    try {
      return handle(frame);
    } catch (error) {
      crash(frame, error);
      return undefined;
    }
  };
  return (frame) => {
    if (isBusy) return void waiting.push(frame);
    const work = attempt(frame);
    if (work !== undefined) void run(frame, work);
  };
}
