import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import path from 'node:path';
import postgres from 'postgres';
import { readReady } from '../support/ready.ts';
import { ofNoRelation } from './act-as.ts';

/** Secrets by what they are called in a failure's message, which must not print them. */
export type Secrets = Record<string, string>;

/** Where a secret stands in plain text, or barely hidden: in hex or base64. */
export type Find = { where: string; secret: string };

function spellings(secrets: Secrets): { name: string; text: string }[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const bytes = Buffer.from(secret);
    return [secret, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, '')].map((text) => ({
      name,
      text,
    }));
  });
}

/** Looks into every column of every row of every table and view of every schema, as a superuser. */
export async function findInDatabase(secrets: Secrets): Promise<{ searched: string[]; finds: Find[] }> {
  const sql = postgres(readReady().adminDatabaseUrl, { max: 1, onnotice: () => {} });
  try {
    const relations = await sql`
      select format('%I.%I', relnamespace::regnamespace::text, relname) as name from pg_class
      where relkind in ('r', 'v', 'm') and relnamespace::regnamespace::text not in ('information_schema', 'pg_toast')
        and (relnamespace <> 'pg_catalog'::regnamespace or relname in ('pg_stat_activity', 'pg_description'))`;
    const words = spellings(secrets);
    const finds: Find[] = [];
    for (const { name } of relations) {
      // Queries under way carry this one's parameters nowhere: they are sent apart from its text.
      const query = sql.unsafe(
        `select distinct word.number from ${name} t
         join unnest($1::text[]) with ordinality as word (text, number) on position(word.text in t::text) > 0`,
        [words.map(({ text }) => text)],
      );
      const rows = await query.catch(ofNoRelation);
      for (const { number } of rows)
        finds.push({ where: String(name), secret: words[Number(number) - 1]?.name ?? '' });
    }
    return { searched: relations.map(({ name }) => String(name)), finds };
  } finally {
    await sql.end();
  }
}

export async function findInLogs(secrets: Secrets): Promise<{ searched: string[]; finds: Find[] }> {
  const { logsDir } = readReady();
  const searched: string[] = [];
  const finds: Find[] = [];
  for await (const entry of glob('**/*', { cwd: logsDir, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = readFileSync(path.join(entry.parentPath, entry.name), 'latin1');
    searched.push(entry.name);
    finds.push(...findInText(entry.name, text, secrets));
  }
  return { searched, finds };
}

export function findInText(where: string, text: string, secrets: Secrets): Find[] {
  return spellings(secrets).flatMap(({ name, text: word }) =>
    text.includes(word) ? [{ where, secret: name }] : [],
  );
}
