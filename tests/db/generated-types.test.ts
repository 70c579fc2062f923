import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { generateTypes, typesFile } from '../../scripts/generate-types.ts';
import { repositoryRoot } from '../../scripts/run-command.ts';
import { readReady } from '../support/ready.ts';

test('[TYPES1] the row types are those of the migrations: npm run db:types', async () => {
  const current = await generateTypes(readReady().databaseUrl);
  expect(readFileSync(path.join(repositoryRoot, typesFile), 'utf8')).toBe(current);
}, 60_000);
