import { z } from 'zod';
import { connectOnce } from './check-database.ts';
import { messageOf, ok, unchecked, wrong, type Finding } from './finding.ts';

const Rights = z.object({ role: z.string(), tables: z.array(z.string()), functions: z.array(z.string()) });
const needed = [
  'authenticate_key',
  'extend_calls',
  'find_cached_answers',
  'log_bodies',
  'remember_answers',
  'reroute_calls',
  'reserve_calls',
  'settle_calls',
];

/** The proxy's login must reach its functions and no table: what it holds is what a leaked function would hold. */
export async function checkProxyLogin(proxyUrl: string | undefined, isDeployed: boolean): Promise<Finding[]> {
  const subject = 'Proxy login';
  if (!proxyUrl) return [unchecked(subject, 'PROXY_DATABASE_URL is not set')];
  if (!isDeployed) return [unchecked(subject, 'the migrations make its role, npm run deploy its password')];
  const sql = connectOnce(proxyUrl);
  try {
    const [row] = await sql`
      select
        session_user as role,
        array(
          select format('%I.%I', n.nspname, c.relname)
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'p', 'v', 'm') and n.nspname in ('public', 'private', 'auth', 'vault')
            and has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select, insert, update')
        ) as tables,
        array(
          select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
          where n.nspname = 'private' and has_function_privilege(p.oid, 'execute')
        ) as functions`;
    const { role, tables, functions } = Rights.parse(row);
    const missing = needed.filter((name) => !functions.includes(name));
    return [
      role === 'proxy'
        ? ok(subject, 'connects as proxy')
        : wrong(subject, `connects as ${role}, not as proxy`),
      tables.length > 0
        ? wrong(`${subject}: tables`, `it can reach ${tables.slice(0, 5).join(', ')} and should reach none`)
        : ok(`${subject}: tables`, 'none'),
      missing.length > 0
        ? wrong(
            `${subject}: functions`,
            `it may not execute ${missing.map((name) => `private.${name}`).join(', ')}`,
          )
        : ok(`${subject}: functions`, needed.join(', ')),
    ];
  } catch (error) {
    return [wrong(subject, messageOf(error))];
  } finally {
    await sql.end({ timeout: 2 });
  }
}
