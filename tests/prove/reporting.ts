import { setTimeout as wait } from 'node:timers/promises';
import type postgres from 'postgres';
import { makeFullOrganization, type FullOrganization } from '../db/full-organization.ts';
import { operatorSql } from '../support/database.ts';
import {
  connectReporting,
  makeReportingLogin,
  type ReportingLogin,
  revokeReportingLogin,
  tellOf,
} from '../support/reporting-login.ts';
import { runProof, showChecks, type Check } from './run-proof.ts';
import { reportingTricks, type Trick } from './reporting-tricks.ts';

/*
 * The SQL login of one organization, in the hands of somebody who wants to see another: no trick shows a row of it, no
 * wish of theirs outlives the limits, and revoked it is gone.
 */

const longestSeconds = 5;
/** The watchdog comes by every five seconds. */
const patienceMs = (longestSeconds + 10 + 7) * 1000;

type Sides = { own: FullOrganization; other: FullOrganization; login: ReportingLogin; otherRole: string };

/** What only rows of an organization have in them. */
async function marksOf(organization: FullOrganization): Promise<string[]> {
  const { organizationId, projectId, proxyKeyId, publicKeyId, budgetId, settledCallId, openCallId, model } =
    organization;
  const people = [organization.owner, organization.admin, organization.member];
  const [row] = await operatorSql()`select slug from public.organizations where id = ${organizationId}`;
  return [
    organizationId,
    projectId,
    proxyKeyId,
    publicKeyId,
    budgetId,
    settledCallId,
    openCallId,
    model,
    ...people.flatMap(({ userId, email }) => [userId, email]),
    String(row?.['slug']),
  ];
}

const readViews = async (sql: postgres.Sql): Promise<string> => {
  const views = await sql.unsafe(
    `select relname from pg_class where relnamespace = 'reporting'::regnamespace`,
  );
  const told: string[] = [];
  for (const { relname } of views) told.push(await tellOf(sql, `select * from reporting.${relname}`));
  return told.join('\n');
};

/** Plays a trick in a session of its own, and then reads everything there is in that same session. */
async function play(trick: Trick, sides: Sides) {
  const sql = connectReporting(sides.login);
  try {
    const told: string[] = [];
    for (const statement of trick.allowed ?? []) told.push(await tellOf(sql, statement));
    const accepted: string[] = [];
    for (const statement of trick.refused ?? []) {
      told.push(await tellOf(sql, statement));
      if (!told.at(-1)?.startsWith('refused')) accepted.push(statement);
    }
    // A trick may have broken the transaction that it began.
    await tellOf(sql, 'rollback');
    told.push(await readViews(sql));
    return { told: told.join('\n'), accepted };
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function proveSilence(sides: Sides): Promise<Check[]> {
  const [foreign, own] = [await marksOf(sides.other), await marksOf(sides.own)];
  const checks: Check[] = [];
  for (const trick of await reportingTricks(sides)) {
    const { told, accepted } = await play(trick, sides);
    // Models' prices are everyone's; this one's name was made up for the other organization, so it counts elsewhere.
    const seen = foreign.filter((mark) => mark !== sides.other.model && told.includes(mark));
    const seesItself = own.slice(0, 3).every((mark) => told.includes(mark));
    checks.push({
      claim: trick.name,
      isTrue: seen.length === 0 && accepted.length === 0 && seesItself,
      facts: [
        `${trick.allowed?.length ?? 0} tried in vain, ${trick.refused?.length ?? 0} refused`,
        ...accepted.map((statement) => `accepted ${statement}`),
        ...seen.map((mark) => `saw ${mark}`),
        ...(seesItself ? [] : ['does not see its own']),
      ].join(', '),
    });
  }
  return checks;
}

const theirName = 'their-best-customer';

/** Named in the other organization's rows and nowhere else, and often. */
async function nameOften({ organizationId, projectId, proxyKeyId }: FullOrganization): Promise<void> {
  await operatorSql()`
    insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, user_id, tags, dialect, operation, provider,
      model, status, request_id, created_at, settled_at)
    select gen_random_uuid(), ${organizationId}, ${projectId}, ${proxyKeyId}, ${theirName}, ${[theirName]},
      'openai', 'chat.completions', 'openai', 'gpt-4o', 'succeeded', 'r', now(), now() from generate_series(1, 5000)`;
  await operatorSql()`update public.projects set name = ${theirName} where id = ${projectId}`;
  await operatorSql()`update public.proxy_keys set name = ${theirName} where id = ${proxyKeyId}`;
  await operatorSql()`analyze public.ai_usage, public.projects, public.proxy_keys, public.profiles`;
}

/** What a plan is estimated to do, and does, tells nothing of what is known beside its own. */
async function provePlans({ other, login }: Sides): Promise<Check[]> {
  await nameOften(other);
  const conditions = [
    `usage where user_id = $`,
    `usage where $ = any (tags)`,
    ...['usage', 'costs', 'daily_costs', 'project_costs', 'proxy_keys'].map(
      (view) => `${view} where project = $`,
    ),
    ...['usage', 'costs', 'daily_costs', 'proxy_key_costs'].map((view) => `${view} where proxy_key = $`),
    ...['projects', 'proxy_keys'].map((view) => `${view} where name = $`),
    `members where email = $`,
  ];
  const connection = connectReporting(login);
  const planOf = async (condition: string, name: string) => {
    const query = `select * from reporting.${condition.replace('$', `'${name}'`)}`;
    const rows = await connection.unsafe(`explain (analyze, timing off, summary off, buffers off) ${query}`);
    return rows.map((row) => String(row['QUERY PLAN']).replaceAll(name, ''));
  };
  try {
    const checks: Check[] = [];
    for (const condition of conditions) {
      const known = condition.startsWith('members') ? other.owner.email : theirName;
      const [plan, plain] = [await planOf(condition, known), await planOf(condition, 'nobody-at-all')];
      checks.push({
        claim: `the plan of ${condition.replace('$', '…')}`,
        isTrue: plan.join('\n') === plain.join('\n'),
        facts:
          plan.find((line, at) => line !== plain[at])?.trim() ?? `${plan.length} lines, whoever is asked for`,
      });
    }
    return checks;
  } finally {
    await connection.end({ timeout: 1 });
  }
}

/** Whoever listens to everything while others work hears at most that something happened. */
async function proveDeafness({ own, other, login }: Sides): Promise<Check[]> {
  const connection = connectReporting(login);
  const heard: string[] = [];
  const channels = ['call_freezes', 'pgrst', 'realtime', 'pg_cron', other.organizationId, 'cost', 'usage'];
  for (const channel of channels) await connection.listen(channel, (payload) => heard.push(payload));
  const freeze = { scope: 'project', scope_id: other.projectId, reason: 'A secret reason' };
  await other.admin.db.from('freezes').insert({ organization_id: other.organizationId, ...freeze });
  await other.admin.db.from('freezes').delete().eq('scope_id', other.projectId);
  await wait(1_000);
  await connection.end({ timeout: 1 });
  const words = [...(await marksOf(other)), 'secret'];
  return [
    {
      claim: 'what it hears says nothing',
      isTrue: heard.every((payload) => !words.some((word) => payload.includes(word))) && own !== other,
      facts: `${heard.length} notifications`,
    },
  ];
}

/** How long a session lives on, whatever it set before; null: longer than we wait. */
async function lifeOf(
  login: ReportingLogin,
  statements: string[],
  database?: string,
): Promise<number | null> {
  const sql = connectReporting(login, database);
  const [row] = await sql`select pg_backend_pid() as pid`;
  const startedAt = performance.now();
  const running = (async () => {
    for (const statement of statements) await tellOf(sql, statement);
  })();
  try {
    while (performance.now() - startedAt < patienceMs) {
      await wait(250);
      const [alive] = await operatorSql()`
        select from pg_stat_activity where pid = ${row?.['pid']} and usename = ${login.username}`;
      if (alive === undefined) return (performance.now() - startedAt) / 1000;
    }
    return null;
  } finally {
    await sql.end({ timeout: 1 });
    await running;
  }
}

async function proveLimits({ login }: Sides): Promise<Check[]> {
  const free = [
    'statement_timeout',
    'transaction_timeout',
    'idle_in_transaction_session_timeout',
    'lock_timeout',
  ].map((name) => `set ${name} = 0`);
  const lives: [string, string[], string?][] = [
    ['a query over the limit is ended', [...free, 'select pg_sleep(60)']],
    ['a transaction of short ones, too', [...free, 'begin', ...Array<string>(60).fill('select pg_sleep(1)')]],
    ['and one that only waits', [...free, 'begin']],
    [
      'and a loop of them, each committed',
      [...free, 'do $$ begin for n in 1..60 loop perform pg_sleep(1); commit; end loop; end $$'],
    ],
    ['and one with advisory locks', ['select pg_advisory_lock(1)']],
    ['and one to another database', ['select 1'], 'template1'],
  ];
  return Promise.all(
    // Fewer at a time than it may have connections.
    lives.map(async ([claim, statements, database], index) => {
      await wait(index < 3 ? 0 : patienceMs);
      const seconds = await lifeOf(login, statements, database);
      return {
        claim,
        isTrue: seconds !== null,
        facts: seconds === null ? 'it lives on' : `after ${seconds.toFixed(1)} s`,
      };
    }),
  );
}

/** What a login changes of itself, or leaves behind, does not last. */
async function proveUpkeep({ login }: Sides): Promise<Check[]> {
  const sql = connectReporting(login);
  await tellOf(sql, 'set default_transaction_read_only = off');
  await tellOf(sql, `alter role ${login.username} set statement_timeout = 0`);
  await tellOf(
    sql,
    `alter role ${login.username} in database postgres set default_transaction_read_only = off`,
  );
  const made = await tellOf(sql, 'select lo_create(0) as oid');
  await sql.end({ timeout: 1 });
  await wait(7_000);
  const later = connectReporting(login);
  const settings = await tellOf(
    later,
    `select current_setting('statement_timeout') as timeout, current_setting('default_transaction_read_only') as read_only,
      (select count(*)::int from pg_largeobject_metadata) as objects`,
  );
  await later.end({ timeout: 1 });
  return [
    {
      claim: 'defaults come back, objects go',
      isTrue:
        made.includes('oid') &&
        settings === JSON.stringify([{ timeout: `${longestSeconds}s`, read_only: 'on', objects: 0 }]),
      facts: settings,
    },
  ];
}

async function isRefused(login: ReportingLogin): Promise<boolean> {
  const connection = connectReporting(login);
  const told = await tellOf(connection, 'select 1');
  await connection.end({ timeout: 1 });
  return /refused (?:28P01|28000)/.test(told);
}

async function proveEnd({ own, login }: Sides): Promise<Check[]> {
  const elsewhere = connectReporting(login, 'template1');
  await tellOf(elsewhere, 'set default_transaction_read_only = off');
  await tellOf(elsewhere, 'select lo_create(0)');
  await elsewhere.end({ timeout: 1 });
  const sql = connectReporting(login);
  const before = await tellOf(sql, 'select count(*)::int from reporting.usage');
  await revokeReportingLogin(login, own.admin);
  const after = await tellOf(sql, 'select count(*)::int from reporting.usage');
  await sql.end({ timeout: 1 });
  const [left] = await operatorSql()`
    select bool_or(rolcanlogin) as can_login,
      bool_or(pg_has_role(oid, 'reporting', 'usage')) as can_read from pg_roles where rolname = ${login.username}`;
  const last = await makeReportingLogin(own.organizationId, own.admin, 'Last');
  const [row] = await operatorSql()`select slug from public.organizations where id = ${own.organizationId}`;
  const deleted = await own.owner.db.rpc('delete_organization', {
    organization_id: own.organizationId,
    slug: String(row?.['slug']),
  });
  return [
    {
      claim: 'revoked, its connection is over',
      isTrue: !before.includes('refused') && after.includes('refused'),
      facts: after.slice(0, 80),
    },
    {
      claim: 'and it is let in no more',
      isTrue: (await isRefused(login)) && left?.['can_login'] !== true && left?.['can_read'] !== true,
      facts: left === undefined ? 'dropped' : 'what it made elsewhere stays without it',
    },
    {
      claim: 'an organization takes its logins along',
      isTrue: deleted.error === null && (await isRefused(last)),
      facts: deleted.error?.message ?? 'deleted',
    },
  ];
}

await runProof({}, async () => {
  const [own, other] = [await makeFullOrganization(), await makeFullOrganization()];
  await operatorSql()`update private.reporting_settings set longest_seconds = ${longestSeconds}`;
  const login = await makeReportingLogin(own.organizationId, own.admin);
  const { username: otherRole } = await makeReportingLogin(other.organizationId, other.admin);
  const sides: Sides = { own, other, login, otherRole };
  const outcomes = [
    showChecks('what it cannot see', await proveSilence(sides)),
    showChecks('what it cannot guess or overhear', [
      ...(await provePlans(sides)),
      ...(await proveDeafness(sides)),
    ]),
    showChecks('what does not last', [...(await proveLimits(sides)), ...(await proveUpkeep(sides))]),
    showChecks('how it ends', await proveEnd(sides)),
  ];
  return outcomes.every(Boolean);
});
