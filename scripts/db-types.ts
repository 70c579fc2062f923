import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../local/free-port.ts';
import { resetStack } from '../local/reset.ts';
import { startStack } from '../local/stack.ts';
import { generateTypes, typesFile } from './generate-types.ts';
import { repositoryRoot } from './run-command.ts';

/** From the database that is given, else from one that is made for this out of the migrations, and removed again. */
const [databaseUrl] = process.argv.slice(2);
const types = databaseUrl === undefined ? await generateFromMigrations() : await generateTypes(databaseUrl);
await writeFile(path.join(repositoryRoot, typesFile), types);
console.log(`Wrote ${typesFile}`);

async function generateFromMigrations(): Promise<string> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'db-types-'));
  try {
    const stack = await startStack({
      projectDir: repositoryRoot,
      dataDir,
      port: await freePort(),
      functionEnvironment: {},
    });
    try {
      return await generateTypes(stack.databaseUrl);
    } finally {
      await stack.stop();
    }
  } finally {
    // As root the database may live outside of the data directory.
    await resetStack(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  }
}
