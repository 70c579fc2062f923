import { z } from 'zod';

const BaseUrl = z.url({ protocol: /^https?$/ }).transform((url) => new URL(url));

/** The OpenAI convention: the base URL ends in /v1, which an address without a path is given. */
const OpenAiBaseUrl = BaseUrl.transform((url) =>
  url.pathname === '/' ? `${url.origin}/v1` : trimSlash(url.href),
);

/** Anthropic's convention: the base URL has no /v1; one that was given is taken off. */
const AnthropicBaseUrl = BaseUrl.transform((url) => trimSlash(url.href).replace(/\/v1$/, ''));

/** Where providers are, by the operator's environment; a tenant never chooses these. */
export const providerUrls = {
  OPENAI_BASE_URL: OpenAiBaseUrl.default('https://api.openai.com/v1'),
  ANTHROPIC_BASE_URL: AnthropicBaseUrl.default('https://api.anthropic.com'),
  MOONSHOT_BASE_URL: OpenAiBaseUrl.default('https://api.moonshot.ai/v1'),
  SANDBOX_URL: BaseUrl.transform((url) => trimSlash(url.href)).optional(),
} as const;

/** Where providers report what they charge, by the same rules. */
export const providerAdminUrls = {
  OPENAI_ADMIN_BASE_URL: OpenAiBaseUrl.default('https://api.openai.com/v1'),
  ANTHROPIC_ADMIN_BASE_URL: AnthropicBaseUrl.default('https://api.anthropic.com'),
  MOONSHOT_ADMIN_BASE_URL: OpenAiBaseUrl.default('https://api.moonshot.ai/v1'),
} as const;

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
