import { expect, test } from 'vitest';
import { explainName } from './explain-name.ts';

test.each(['smart', 'gpt-4o', 'team.fast:v2', 'A', '9_lives', 'x'.repeat(100)])(
  '[ALIA1] %s is a name that the database takes',
  (name) => {
    expect(explainName(name)).toBeNull();
    expect(explainName(`  ${name} `)).toBeNull();
  },
);

test.each(['', '  ', '-smart', 'two words', 'openai/gpt-4o', 'größer', 'x'.repeat(101)])(
  '[ALIA1] “%s” is not, and one is told before it is sent',
  (name) => {
    expect(explainName(name)).toMatch(/\.$/);
  },
);
