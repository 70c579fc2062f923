const providers: Readonly<Record<string, string>> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  moonshot: 'Moonshot',
  sandbox: 'Sandbox',
};

export const providerLabel = (provider: string): string => providers[provider] ?? provider;
