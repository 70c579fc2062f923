import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { readReady } from './ready.ts';

/** OpenAI's own client, unmodified, against the proxy. Refusals are not tried again: a test wants the first answer. */
export function openaiClient(proxyKey: string, proxyUrl = readReady().proxyUrl): OpenAI {
  return new OpenAI({ apiKey: proxyKey, baseURL: `${proxyUrl}/v1`, maxRetries: 0 });
}

/** Anthropic's own client, unmodified, against the proxy. */
export function anthropicClient(proxyKey: string, proxyUrl = readReady().proxyUrl): Anthropic {
  return new Anthropic({ apiKey: proxyKey, baseURL: proxyUrl, maxRetries: 0 });
}
