import { createServer } from 'node:http';

/** The provider of the benchmark: answers at once, so that what is measured is what stands in front of it. */
const plain = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-4o-mini-2024-07-18',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 12, completion_tokens: 4, total_tokens: 16 },
});

const chunk = (choices: unknown, usage: unknown): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'gpt-4o-mini-2024-07-18', choices, usage })}\n\n`;
const chunks = [
  ...['Hello', ' there', '.'].map((content) =>
    chunk([{ index: 0, delta: { content }, finish_reason: null }], null),
  ),
  chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], null),
  chunk([], { prompt_tokens: 12, completion_tokens: 4, total_tokens: 16 }),
  'data: [DONE]\n\n',
];

const server = createServer((request, response) => {
  const body: Buffer[] = [];
  request.on('data', (part: Buffer) => body.push(part));
  request.on('end', () => {
    if (!Buffer.concat(body).includes('"stream":true')) {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(plain),
      });
      response.end(plain);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const each of chunks) response.write(each);
    response.end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
process.on('disconnect', () => process.exit(0));
