import { text as readText } from 'node:stream/consumers';
import { LLMock } from '@copilotkit/aimock';
import { estimateTokenCount } from 'tokenx';
import { z } from 'zod';

type Request = Parameters<Extract<Parameters<LLMock['on']>[1], (request: never) => unknown>>[0];

/** Tokens a second after a first pause: about what a mid-sized model feels like. */
const pace = { ttft: 220, tps: 60, jitter: 0.3 };

/**
 * The stand-in for providers without a key: answers every dialect offline, in realistic time, with usage that
 * follows the texts. Answers its address.
 */
export async function startSandbox(port: number): Promise<{ url: string; stop: () => Promise<void> }> {
  const mock = new LLMock({
    host: '127.0.0.1',
    port,
    logLevel: 'silent',
    journalMaxEntries: 50,
    chunkSize: 12,
  });
  mock.mount('/v1/messages/count_tokens', { handleRequest: countTokens });
  // Its own answer to embeddings says that they cost no tokens.
  mock.mount('/v1/embeddings', { handleRequest: answerEmbeddings });
  mock.on({ predicate: wantsTool }, (request) => callTool(request), { streamingProfile: pace });
  mock.on({ endpoint: 'chat' }, (request) => reply(request), { streamingProfile: pace });
  await mock.start();
  return { url: mock.url, stop: () => mock.stop() };
}

function reply(request: Request) {
  const question = lastText(request);
  const topic = question.length > 160 ? `${question.slice(0, 160)}…` : question;
  const content = [
    `This answer comes from the sandbox, so no provider was called and nothing was really spent.`,
    topic === '' ? 'You sent no text.' : `You asked: “${topic}”`,
    `With a provider key, ${request.model} would answer here. Tokens, price, budget and attribution are real.`,
  ].join(' ');
  const limit = request.max_tokens ?? request['max_completion_tokens'];
  const words =
    typeof limit === 'number' ? content.split(' ').slice(0, Math.max(1, limit)).join(' ') : content;
  return { content: words, usage: usageOf(request, words) };
}

function callTool(request: Request) {
  const tool = request.tools?.[0]?.function;
  const args = JSON.stringify(sampleOf(tool?.parameters));
  return { toolCalls: [{ name: tool?.name ?? 'tool', arguments: args }], usage: usageOf(request, args) };
}

/** Tools are called once a turn: when offered, and not yet answered. */
function wantsTool(request: Request): boolean {
  const last = request.messages?.at(-1);
  return (request.tools?.length ?? 0) > 0 && last?.role === 'user' && request.tool_choice !== 'none';
}

function usageOf(request: Request, answer: string) {
  const input = estimateTokenCount(JSON.stringify([request.messages, request.tools ?? []])) + 4;
  const output = Math.max(estimateTokenCount(answer), 1);
  return { prompt_tokens: input, completion_tokens: output, input_tokens: input, output_tokens: output };
}

function lastText(request: Request): string {
  const content = request.messages?.findLast(({ role }) => role === 'user')?.content ?? '';
  return typeof content === 'string'
    ? content
    : content
        .map(({ text }) => text ?? '')
        .join(' ')
        .trim();
}

const Schema = z.object({
  type: z.string().optional(),
  enum: z.array(z.json()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

/** The smallest value that a JSON schema's outline allows. */
function sampleOf(schema: unknown): unknown {
  const { data } = Schema.safeParse(schema);
  if (data?.enum?.[0] !== undefined) return data.enum[0];
  if (data?.type === 'number' || data?.type === 'integer') return 1;
  if (data?.type === 'boolean') return true;
  if (data?.type === 'array') return [];
  if (data?.type === 'string') return 'sandbox';
  return Object.fromEntries(
    Object.entries(data?.properties ?? {}).map(([name, each]) => [name, sampleOf(each)]),
  );
}

/** The same text always has the same direction. */
function embed(text: string): number[] {
  let seed = [...text].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0, 7);
  const raw = Array.from({ length: 256 }, () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    return seed / 2 ** 31 - 1;
  });
  const length = Math.hypot(...raw);
  return raw.map((value) => value / length);
}

type Handler = Parameters<LLMock['mount']>[1]['handleRequest'];

const countTokens: Handler = async (request, response) => {
  const text = await readText(request);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ input_tokens: estimateTokenCount(text) }));
  return true;
};

const TokenIds = z.array(z.number());
const EmbeddingRequest = z.object({
  model: z.string(),
  input: z.union([z.string(), TokenIds, z.array(z.union([z.string(), TokenIds]))]),
  encoding_format: z.string().optional(),
});

const answerEmbeddings: Handler = async (request, response) => {
  const parsed = EmbeddingRequest.safeParse(JSON.parse(await readText(request)));
  response.writeHead(parsed.success ? 200 : 400, { 'content-type': 'application/json' });
  if (!parsed.success) {
    const error = {
      message: parsed.error.message,
      type: 'invalid_request_error',
      param: 'input',
      code: null,
    };
    response.end(JSON.stringify({ error }));
    return true;
  }
  const { model, input, encoding_format } = parsed.data;
  const inputs = typeof input === 'string' || TokenIds.safeParse(input).success ? [input] : input;
  const data = inputs.map((each, index) => {
    const vector = embed(String(each));
    const packed = Buffer.from(new Float32Array(vector).buffer).toString('base64');
    return { object: 'embedding', index, embedding: encoding_format === 'base64' ? packed : vector };
  });
  const tokens = inputs
    .map((each) => (typeof each === 'string' ? estimateTokenCount(each) : [each].flat().length))
    .reduce((sum, count) => sum + count, 0);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  response.end(JSON.stringify({ object: 'list', data, model, usage }));
  return true;
};
