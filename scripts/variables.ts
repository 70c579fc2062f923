import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './run-command.ts';

export type Variable = {
  name: string;
  purpose: string;
  /** Where its value comes from, or its default. */
  from: string;
  isRequiredToDeploy: boolean;
  /** Set on the hosted project for the functions to read. */
  isFunctionSecret: boolean;
};

/** `.env.example` is the one list of variables: what is said there is what doctor, deploy and the tests go by. */
export function readVariables(
  text = readFileSync(path.join(repositoryRoot, '.env.example'), 'utf8'),
): Variable[] {
  return text.split(/\n{2,}/).flatMap((block) => {
    const name = /^([A-Z][A-Z0-9_]*)=/m.exec(block)?.[1];
    return name === undefined ? [] : [parseVariable(name, block)];
  });
}

function parseVariable(name: string, block: string): Variable {
  const comments = block.split('\n').flatMap((line) => (line.startsWith('# ') ? [line.slice(2)] : []));
  const tagged = comments.at(-1) ?? '';
  const tags = /^((?:\[[^\]]+\] ?)+)(.*)$/.exec(tagged);
  if (!tags || !/\[(?:optional|required to deploy)\]/.test(tagged) || comments.length < 2) {
    throw new Error(
      `.env.example: ${name} needs a line that says what it is for and one that begins with [optional] or [required to deploy].`,
    );
  }
  return {
    name,
    purpose: comments.slice(0, -1).join(' '),
    from: tags[2] ?? '',
    isRequiredToDeploy: tagged.includes('[required to deploy]'),
    isFunctionSecret: tagged.includes('[function secret]'),
  };
}
