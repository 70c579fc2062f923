import { Title } from '@mantine/core';
import { CodeTabs } from '@/ui/code-tabs.tsx';
import classes from './model-aliases.module.css';
import { readTarget } from './read-target.ts';

/** The one line that an application changes, in the dialect of who is asked first. */
export function ModelAliasExample({ name, target }: { name: string; target: string }) {
  const isAnthropic = readTarget(target).provider === 'anthropic';
  return (
    <section className={classes.example} aria-label="In your code">
      <Title order={2} mb="sm">
        In your code
      </Title>
      <CodeTabs label="Ask for an alias" snippets={isAnthropic ? messages(name) : completions(name)} />
    </section>
  );
}

const completions = (name: string) => [
  { label: 'Python', code: `answer = client.chat.completions.create(model="${name}", messages=messages)` },
  {
    label: 'TypeScript',
    code: `const answer = await client.chat.completions.create({ model: '${name}', messages });`,
  },
];

const messages = (name: string) => [
  {
    label: 'Python',
    code: `answer = client.messages.create(model="${name}", max_tokens=1000, messages=messages)`,
  },
  {
    label: 'TypeScript',
    code: `const answer = await client.messages.create({ model: '${name}', max_tokens: 1000, messages });`,
  },
];
