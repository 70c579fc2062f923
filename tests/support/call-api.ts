import { z } from 'zod';
import { readReady } from './ready.ts';

export const apiUrl = (): string => `${readReady().url}/functions/v1/api/v1`;

const Envelope = z.discriminatedUnion('success', [
  z.strictObject({ success: z.literal(true), data: z.unknown() }),
  z.strictObject({
    success: z.literal(false),
    error: z.looseObject({ code: z.string(), message: z.string().min(5) }),
  }),
]);

export type ApiAnswer = { status: number; headers: Headers; data: unknown; error: unknown };

/** Asks the REST API; a body makes it a POST. @throws where the answer has not the envelope */
export async function callApi(
  path: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<ApiAnswer> {
  const response = await fetch(apiUrl() + path, {
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      'content-type': 'application/json',
      ...headers,
    },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  const envelope = Envelope.parse(await response.json());
  return {
    status: response.status,
    headers: response.headers,
    data: envelope.success ? envelope.data : null,
    error: envelope.success ? null : envelope.error,
  };
}
