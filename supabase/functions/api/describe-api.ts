import { z } from 'zod';
import { AppError, type ErrorCode } from '../_shared/errors.ts';
import { type Endpoint, endpoints } from './endpoints.ts';

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI document of this API, made of the contracts that its routes parse with. `url` is where it is served. */
export function describeApi(url: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kreative HQ',
      version: '1',
      description: 'Ask models within budgets, and see what it costs.',
    },
    servers: [{ url }],
    paths: Object.fromEntries(
      endpoints.map((endpoint) => [endpoint.path, { [endpoint.method]: describe(endpoint) }]),
    ),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The token of auth/login or auth/register.' },
        proxyKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'A proxy key (khq_…); also as x-api-key or x-proxy-key.',
        },
      },
      schemas: { Failure: toSchema(Failure) },
    },
  };
}

const Failure = z.object({
  success: z.literal(false),
  error: z.looseObject({ code: z.string(), message: z.string() }),
});

function describe(endpoint: Endpoint): Json {
  const { summary, description, security, body, query } = endpoint;
  return {
    operationId: endpoint.path.slice(1).replaceAll('/', '_'),
    summary,
    ...(description !== undefined && { description }),
    security: security === 'none' ? [] : [{ [security]: [] }],
    ...(query !== undefined && { parameters: describeQuery(query) }),
    ...(endpoint.method === 'post' && {
      requestBody: {
        required: true,
        content: asJson(body === undefined ? anything : toSchema(body, 'input')),
      },
    }),
    responses: { [endpoint.status]: describeAnswer(endpoint), ...describeErrors(endpoint.errors) },
  };
}

const anything = { type: 'object' };

function describeQuery(query: z.ZodObject): readonly Json[] {
  const { properties = {}, required = [] } = QuerySchema.parse(toSchema(query, 'input'));
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

const QuerySchema = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});

function describeAnswer({ data, mayStream }: Endpoint): Json {
  const envelope = data === null ? anything : toSchema(z.object({ success: z.literal(true), data }));
  return {
    description: 'Done.',
    content: {
      ...asJson(envelope),
      ...(mayStream === true && { 'text/event-stream': { schema: { type: 'string' } } }),
    },
  };
}

function describeErrors(codes: readonly ErrorCode[]): Json {
  const byStatus = Map.groupBy(codes, (code) => new AppError(code).status);
  return Object.fromEntries(
    [...byStatus].map(([status, these]) => [
      status,
      { description: these.join(', '), content: asJson({ $ref: '#/components/schemas/Failure' }) },
    ]),
  );
}

function asJson(schema: unknown): Json {
  return { 'application/json': { schema } };
}

function toSchema(schema: z.ZodType, io: 'input' | 'output' = 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
