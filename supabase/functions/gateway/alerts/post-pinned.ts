import { connect as connectPlainly, isIP, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

export interface PinnedPost {
  readonly url: URL;
  /** The IP address to connect to, whatever the name in the URL resolves to by now. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}

/**
 * POSTs over HTTP/1.1 and answers the status; the connection is closed then, so no redirect is followed and no body
 * read. By hand, because fetch resolves the name itself: between a check of its address and the connection a name can
 * be made to mean another machine. The certificate is verified for the name. Throws when no status line comes in time.
 */
export function postPinned(post: PinnedPost): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(post, () => socket.write(toRequest(post)));
    const timer = setTimeout(() => end(new Error('timeout')), post.timeoutMs);
    let received = '';
    const end = (outcome: number | Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (typeof outcome === 'number') resolve(outcome);
      else reject(outcome);
    };
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const status = readStatus(received);
      if (status !== null) end(status);
      else if (received.length > maxHeadBytes) end(new Error('no status line'));
    });
    socket.on('error', end);
    socket.on('close', () => end(new Error('closed')));
  });
}

const maxHeadBytes = 16_384;

function connectTo({ url, address }: PinnedPost, onReady: () => void): Socket {
  const name = hostnameOf(url);
  if (url.protocol === 'http:') return connectPlainly(Number(url.port || 80), address, onReady);
  return connectSecurely(
    {
      host: address,
      port: Number(url.port || 443),
      ALPNProtocols: ['http/1.1'],
      ...(isIP(name) === 0 ? { servername: name } : {}),
    },
    onReady,
  );
}

/** Without the brackets of an IPv6 address and the dot that ends a full name. */
export function hostnameOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function toRequest({ url, headers, body }: PinnedPost): string {
  const lines = Object.entries({
    host: url.host,
    'user-agent': 'Kreative-HQ-Alerts/1',
    'content-type': 'application/json',
    'content-length': String(new TextEncoder().encode(body).length),
    connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** The first status that is not an interim one. */
function readStatus(text: string): number | null {
  let rest = text;
  for (;;) {
    const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(rest)?.[1];
    if (status === undefined) return null;
    if (!status.startsWith('1')) return Number(status);
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return null;
    rest = rest.slice(end + 4);
  }
}
