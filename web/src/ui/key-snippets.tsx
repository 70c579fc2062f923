import { CodeTabs } from './code-tabs.tsx';

type Provider = 'openai' | 'anthropic' | 'moonshot';

type KeySnippetsProps = {
  /** Without a trailing slash: Anthropic's base URL as it is, OpenAI's with /v1. */
  proxyUrl: string;
  proxyKey: string;
  /** Whose models the first three show; anyone's dialect works with any provider that has a credential. */
  provider?: Provider;
};

/** How to make a call with a proxy key, ready to paste. */
export function KeySnippets({ proxyUrl, proxyKey, provider = 'openai' }: KeySnippetsProps) {
  const target = { proxyUrl, proxyKey };
  const languages =
    provider === 'anthropic' ? anthropicLanguages(target) : openaiLanguages(target, models[provider]);
  return (
    <CodeTabs
      key={provider}
      label="Make a call"
      snippets={[...languages, { label: 'Claude Code', code: claudeCode(target) }]}
    />
  );
}

type Target = { proxyUrl: string; proxyKey: string };

const models = { openai: 'gpt-5-mini', moonshot: 'kimi-k2.5' } as const;

const openaiLanguages = ({ proxyUrl, proxyKey }: Target, model: string) => [
  {
    label: 'curl',
    code: `curl -N ${proxyUrl}/v1/chat/completions \\
  -H "Authorization: Bearer ${proxyKey}" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "${model}",
    "stream": true,
    "messages": [{ "role": "user", "content": "Say hello." }]
  }'`,
  },
  {
    label: 'Python',
    code: `from openai import OpenAI

client = OpenAI(
    base_url="${proxyUrl}/v1",
    api_key="${proxyKey}",
)

answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Say hello."}],
)
print(answer.choices[0].message.content)`,
  },
  {
    label: 'TypeScript',
    code: `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: '${proxyUrl}/v1',
  apiKey: '${proxyKey}',
});

const answer = await client.chat.completions.create({
  model: '${model}',
  messages: [{ role: 'user', content: 'Say hello.' }],
});
console.log(answer.choices[0]?.message.content);`,
  },
];

const anthropicLanguages = ({ proxyUrl, proxyKey }: Target) => [
  {
    label: 'curl',
    code: `curl -N ${proxyUrl}/v1/messages \\
  -H "x-api-key: ${proxyKey}" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "claude-haiku-4-5",
    "max_tokens": 200,
    "stream": true,
    "messages": [{ "role": "user", "content": "Say hello." }]
  }'`,
  },
  {
    label: 'Python',
    code: `from anthropic import Anthropic

client = Anthropic(
    base_url="${proxyUrl}",
    api_key="${proxyKey}",
)

answer = client.messages.create(
    model="claude-haiku-4-5",
    max_tokens=200,
    messages=[{"role": "user", "content": "Say hello."}],
)
print(answer.content[0].text)`,
  },
  {
    label: 'TypeScript',
    code: `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  baseURL: '${proxyUrl}',
  apiKey: '${proxyKey}',
});

const answer = await client.messages.create({
  model: 'claude-haiku-4-5',
  max_tokens: 200,
  messages: [{ role: 'user', content: 'Say hello.' }],
});
console.log(answer.content);`,
  },
];

const claudeCode = ({ proxyUrl, proxyKey }: Target): string => `export ANTHROPIC_BASE_URL=${proxyUrl}
export ANTHROPIC_AUTH_TOKEN=${proxyKey}
claude`;
