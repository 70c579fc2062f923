import { expect, test } from 'vitest';
import { z } from 'zod';
import { AIRequest } from '../../supabase/functions/_shared/contracts/api.ts';
import { apiUrl } from '../support/call-api.ts';

const Schema = z.record(z.string(), z.unknown());
const Content = z.record(z.string(), z.object({ schema: Schema }));
const Operation = z.strictObject({
  operationId: z.string(),
  summary: z.string(),
  description: z.string().optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z
    .array(
      z.strictObject({ name: z.string(), in: z.literal('query'), required: z.boolean(), schema: Schema }),
    )
    .optional(),
  requestBody: z.strictObject({ required: z.boolean(), content: Content }).optional(),
  responses: z.record(
    z.string().regex(/^\d{3}$/),
    z.strictObject({ description: z.string(), content: Content }),
  ),
});
/** As OpenAPI 3.1 has it, as far as this document goes. */
const Document = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.object({ title: z.string(), version: z.string() }),
  servers: z.array(z.object({ url: z.url() })),
  paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(['get', 'post']), Operation)),
  components: z.object({
    securitySchemes: z.record(z.string(), Schema),
    schemas: z.record(z.string(), Schema),
  }),
});

const readDocument = async () => Document.parse(await (await fetch(`${apiUrl()}/openapi.json`)).json());

test('[API14] the document is whole: what it refers to is there, and each operation is one of its own', async () => {
  const document = await readDocument();
  expect(document.servers).toEqual([{ url: apiUrl() }]);
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  expect(new Set(operations.map((operation) => operation?.operationId)).size).toBe(operations.length);
  const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
  for (const [, name = ''] of references) expect(Object.keys(document.components.schemas)).toContain(name);
  const schemes = operations.flatMap((operation) =>
    (operation?.security ?? []).flatMap((each) => Object.keys(each)),
  );
  expect(Object.keys(document.components.securitySchemes)).toEqual(expect.arrayContaining(schemes));
});

test('[API15] each path that the source documents name is described, and answers', async () => {
  const { paths } = await readDocument();
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(described.toSorted()).toEqual([
    'get /costs/history',
    'get /costs/realtime',
    'get /team/profile',
    'post /agents/assign',
    'post /auth/login',
    'post /auth/register',
    'post /chat',
    'post /proxy',
  ]);
  for (const each of described) {
    const [method = '', path = ''] = each.split(' ');
    const body = method === 'post' ? { body: '{}' } : {};
    const response = await fetch(apiUrl() + path, { method: method.toUpperCase(), ...body });
    await response.body?.cancel();
    expect.soft(response.status, each).toBe(path.startsWith('/auth') ? 400 : 401);
  }
});

test('[API16] the schemas are those that the routes parse with', async () => {
  const { paths } = await readDocument();
  const schema = paths['/chat']?.post?.requestBody?.content['application/json']?.schema;
  expect(schema).toMatchObject({
    type: 'object',
    required: ['provider', 'model', 'messages', 'teamId', 'userId'],
    properties: { provider: { enum: AIRequest.shape.provider.options }, teamId: { format: 'uuid' } },
  });
  const { parameters } = paths['/costs/history']?.get ?? {};
  expect(parameters?.map(({ name, required }) => [name, required])).toEqual([
    ['teamId', false],
    ['from', false],
    ['to', false],
  ]);
});
