import { createServer } from 'node:http';

export type Received = { path: string; headers: Record<string, string>; body: string };

/** A receiver of webhooks on this machine: it answers what `answer` says, 204 by itself, and remembers what it got. */
export type Receiver = {
  url: string;
  received: Received[];
  answer: (status: number, headers?: Record<string, string>) => void;
  close: () => Promise<void>;
};

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let answer: { status: number; headers: Record<string, string> } = { status: 204, headers: {} };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
      received.push({ path: request.url ?? '', headers: Object.fromEntries(headers), body });
      response.writeHead(answer.status, answer.headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It does not listen on TCP.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    answer: (status, headers = {}) => (answer = { status, headers }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
