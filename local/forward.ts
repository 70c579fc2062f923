import { Agent, request, type IncomingMessage, type ServerResponse } from 'node:http';

export type ForwardTarget = {
  port: number;
  path: string;
  agent: Agent;
  /** Takes the place of what the answer itself says under these names (in lower case). */
  answerHeaders?: Record<string, string>;
};

/**
 * Passes a request on and its answer back, both unread, at the pace of whoever reads. A client that leaves ends
 * the upstream request at once; an upstream that breaks off mid-answer breaks the client's connection.
 * `onFailure` is called when there was no answer at all: nothing has been sent to the client then.
 */
export function forward(
  req: IncomingMessage,
  res: ServerResponse,
  target: ForwardTarget,
  onFailure: (error: Error) => void,
): void {
  const upstream = request({
    host: '127.0.0.1',
    port: target.port,
    path: target.path,
    method: req.method,
    agent: target.agent,
    headers: passedOn(req),
  });
  res.once('close', () => {
    upstream.destroy();
    // The rest of a body that nobody wants any more still stands before the connection's next request.
    req.unpipe().resume();
  });
  upstream.once('response', (answer) => relay(answer, res, target.answerHeaders));
  upstream.on('error', (error) => {
    if (res.closed) return;
    if (res.headersSent) res.destroy();
    // A kept connection may have been closed on the other side just as it was used: nobody read this request then.
    else if (upstream.reusedSocket && isAskedAgainSafely(req)) forward(req, res, target, onFailure);
    else onFailure(error);
  });
  req.on('error', () => upstream.destroy());
  req.pipe(upstream);
}

function isAskedAgainSafely({ method, headers }: IncomingMessage): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    !('content-length' in headers || 'transfer-encoding' in headers)
  );
}

export function createAgent(): Agent {
  return new Agent({ keepAlive: true, maxFreeSockets: 256 });
}

function relay(answer: IncomingMessage, res: ServerResponse, more: Record<string, string> = {}): void {
  const headers = withoutHopByHop(answer.rawHeaders, more);
  for (const [name, value] of Object.entries(more)) headers.push(name, value);
  res.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
  answer.on('error', () => res.destroy());
  answer.pipe(res);
  // Beside a body that is already here the headers share its packet; before a body that is not, they go alone.
  setImmediate(() => res.flushHeaders());
}

function passedOn(req: IncomingMessage): string[] {
  const headers = withoutHopByHop(req.rawHeaders);
  if (req.headers['transfer-encoding'] !== undefined) headers.push('transfer-encoding', 'chunked');
  headers.push('x-forwarded-for', req.socket.remoteAddress ?? '127.0.0.1');
  return headers;
}

function withoutHopByHop(raw: string[], replaced: Record<string, string> = {}): string[] {
  const kept: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const key = name.toLowerCase();
    if (!HOP_BY_HOP.has(key) && !(key in replaced)) kept.push(name, raw[index + 1] ?? '');
  }
  return kept;
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'x-forwarded-for',
]);
