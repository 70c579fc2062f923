import type postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readyMadeReports } from '../../web/src/features/reporting/reports/ready-made-reports.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, setPlan } from '../support/organization.ts';
import {
  connectReporting,
  makeReportingLogin,
  type ReportingLogin,
  tellOf,
} from '../support/reporting-login.ts';
import { inRolledBackTransaction } from './act-as.ts';
import { makeFullOrganization, type FullOrganization } from './full-organization.ts';
import { refusalOf } from './refusal.ts';

let organization: FullOrganization;
let login: ReportingLogin;
let sql: postgres.Sql;
beforeAll(async () => {
  organization = await makeFullOrganization();
  login = await makeReportingLogin(organization.organizationId, organization.admin, 'Grafana');
  sql = connectReporting(login);
});
afterAll(async () => {
  await sql.end({ timeout: 1 });
  await organization.remove();
});

const numberOf = async (query: string): Promise<number> =>
  Number(Object.values((await sql.unsafe(query))[0] ?? {})[0]);

describe('a SQL login', () => {
  test('[REP1] is made by admins only, by a name that says nothing', async () => {
    const { organizationId, member, outsider, owner } = organization;
    const ask = async ({ db }: typeof owner, name: string) =>
      refusalOf(await db.rpc('create_reporting_login', { organization_id: organizationId, name }));
    expect(await ask(member, 'Mine')).toMatchObject({ status: 403, code: 'role_required' });
    expect(await ask(outsider, 'Mine')).toMatchObject({ status: 404, code: 'organization_not_found' });
    expect(await ask(owner, '  ')).toMatchObject({ status: 400, code: 'name_invalid' });
    expect(login.username).toMatch(/^khqr_[0-9a-f]{16}$/);
    expect(login.password).toMatch(/^[0-9a-f]{64}$/);
  });

  test('[REP2] can read, for a time, in few connections, and nothing else', async () => {
    const [role] = await operatorSql()`
      select rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication, rolconnlimit
      from pg_roles where rolname = ${login.username}`;
    expect({ ...role }).toEqual({
      rolcanlogin: true,
      rolsuper: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolbypassrls: false,
      rolreplication: false,
      rolconnlimit: 4,
    });
    const setting = async (name: string) => (await sql.unsafe(`show ${name}`))[0]?.[name];
    expect(await setting('default_transaction_read_only')).toBe('on');
    expect(await setting('statement_timeout')).toBe('1min');
    expect(await setting('transaction_timeout')).toBe('1min');
    expect(await setting('idle_in_transaction_session_timeout')).toBe('10s');
    expect(await setting('search_path')).toBe('reporting');
  });

  test('[REP3] is refused a fifth connection', async () => {
    await sql`select 1`;
    const countOpen = async () => {
      const [open] = await operatorSql()`
        select count(*)::int as connections from pg_stat_activity where usename = ${login.username}`;
      return open?.['connections'];
    };
    // Another one may have ended a moment ago.
    await expect.poll(countOpen).toBe(1);
    const others = [1, 2, 3, 4].map(() => connectReporting(login));
    const told: string[] = [];
    // One by one: of two that connect at once each counts the other, and both may be refused.
    for (const other of others) told.push(await tellOf(other, 'select 1'));
    await Promise.all(others.map((other) => other.end({ timeout: 1 })));
    expect(told.filter((each) => each.includes('refused 53300'))).toHaveLength(1);
  });

  test('[REP4] is one of ten at most, and none is made beyond what all may open', async () => {
    const { organizationId, admin } = organization;
    const make = () =>
      admin.db.rpc('create_reporting_login', { organization_id: organizationId, name: 'One more' });
    const made = await Promise.all(Array.from({ length: 10 }, make));
    const refusals = made.map(refusalOf).filter((refusal) => refusal !== null);
    // Two were there before.
    expect(refusals).toHaveLength(2);
    expect(refusals[0]).toMatchObject({
      status: 409,
      code: 'too_many_reporting_logins',
      details: { limit: 10 },
    });
    await operatorSql()`
      delete from private.reporting_roles r using public.reporting_logins l
      where l.role_name = r.role_name and l.organization_id = ${organizationId} and l.name = 'One more'`;
    await inRolledBackTransaction(async (session) => {
      await session`update private.reporting_settings set most_connections = 1`;
      await session`select set_config('request.jwt.claims', ${JSON.stringify({ sub: admin.userId })}, true)`;
      const making = session`select public.create_reporting_login(${organizationId}, 'Too many')`;
      await expect(making).rejects.toThrow('reporting_connections_exhausted');
    });
  });

  test('[REP5] is not made where PUBLIC reaches more than it should', async () => {
    expect(await operatorSql()`select private.reach_of_public()`).toEqual([]);
    await inRolledBackTransaction(async (session) => {
      await session`create table public.open_to_all (id int)`;
      await session`grant select on public.open_to_all to public`;
      expect(await session`select r from private.reach_of_public() r`).toMatchObject([
        { r: 'public.open_to_all' },
      ]);
      const making = session`select private.create_reporting_role(${organization.organizationId}, 'x', 1)`;
      await expect(making).rejects.toThrow('reporting_unavailable');
    });
  });

  test('[REP6] is ended and dropped when it is revoked, by admins only', async () => {
    const { organizationId, admin, member, outsider } = organization;
    const doomed = await makeReportingLogin(organizationId, admin, 'Doomed');
    const connection = connectReporting(doomed);
    expect(await tellOf(connection, 'select 1 as one')).toBe('[{"one":1}]');
    const revoke = async ({ db }: typeof admin) =>
      refusalOf(await db.rpc('revoke_reporting_login', { id: doomed.id }));
    expect(await revoke(member)).toMatchObject({ status: 403 });
    expect(await revoke(outsider)).toMatchObject({ status: 404 });
    expect(await revoke(admin)).toBeNull();
    expect(await tellOf(connection, 'select 1 as one')).toContain('refused');
    await connection.end({ timeout: 1 });
    expect(await operatorSql()`select from pg_roles where rolname = ${doomed.username}`).toHaveLength(0);
    expect(await revoke(admin)).toMatchObject({ status: 404, code: 'reporting_login_not_found' });
  });

  test('[REP7] is noted when it was used', async () => {
    await sql.unsafe('select 1');
    await operatorSql()`select private.note_reporting_use()`;
    const { data } = await organization.admin.db
      .from('reporting_logins')
      .select('last_used_at')
      .eq('id', login.id)
      .single();
    expect(Date.now() - Date.parse(data?.last_used_at ?? '')).toBeLessThan(120_000);
  });

  test('[REP8] leaves with its organization', async () => {
    const other = await makeFullOrganization();
    const roles = () => operatorSql()`
      select rolname from pg_roles join private.reporting_roles on rolname = role_name
      where organization_id = ${other.organizationId}`;
    const names = [...(await roles())].map(({ rolname }) => String(rolname));
    expect(names).toHaveLength(1);
    await operatorSql()`delete from public.organizations where id = ${other.organizationId}`;
    expect(await operatorSql()`select from pg_roles where rolname = any (${names})`).toHaveLength(0);
    await other.remove();
  });

  test('[REP18] ends when whoever made it leaves, as does nobody else’s', async () => {
    const { organizationId, owner, admin } = await makeOrganization();
    const theirs = await makeReportingLogin(organizationId, admin, 'Theirs');
    const mine = await makeReportingLogin(organizationId, owner, 'Mine');
    const open = connectReporting(theirs);
    await open`select 1`;
    await owner.db
      .rpc('remove_member', { organization_id: organizationId, user_id: admin.userId })
      .throwOnError();
    expect(await tellOf(open, 'select 1')).toMatch(/^refused/);
    await open.end();
    const again = connectReporting(theirs);
    expect(await tellOf(again, 'select 1')).toMatch(/^refused 28/);
    await again.end();
    const kept = connectReporting(mine);
    expect(await tellOf(kept, 'select 1 as one')).toBe('[{"one":1}]');
    await kept.end();
    const { data } = await owner.db.from('reporting_logins').select('name');
    expect(data).toEqual([{ name: 'Mine' }]);
  });

  test('[REP9] gets its defaults back when it changes them', async () => {
    const free = connectReporting(login);
    await free.unsafe('set default_transaction_read_only = off');
    await free.unsafe(`alter role ${login.username} set statement_timeout = 0`);
    await free.unsafe('select lo_create(0)');
    await free.end({ timeout: 1 });
    // The schedule does it too: whoever is second may find the role's row just changed.
    await operatorSql()`select private.end_reporting_offenders()`.catch(() => {});
    const statementTimeout = async () => {
      const later = connectReporting(login);
      const told = await tellOf(later, 'show statement_timeout');
      await later.end({ timeout: 1 });
      return told;
    };
    await expect.poll(statementTimeout).toBe('[{"statement_timeout":"1min"}]');
    const objects = () => operatorSql()`
      select from pg_largeobject_metadata join pg_roles r on r.oid = lomowner where rolname = ${login.username}`;
    await expect.poll(objects).toHaveLength(0);
  });
});

describe('the views', () => {
  test('[REP10] are barriers, owned by who sees the tables, and granted to logins alone', async () => {
    const views = await operatorSql()`
      select relname, reloptions, relowner::regrole::text as owner,
        array(select grantee::regrole::text || ' ' || privilege_type from aclexplode(relacl)
          where grantee <> relowner) as grants
      from pg_class where relnamespace = 'reporting'::regnamespace`;
    expect(views.length).toBeGreaterThanOrEqual(15);
    for (const { relname, ...facts } of views) {
      const expected = {
        reloptions: ['security_barrier=true'],
        owner: 'postgres',
        grants: ['reporting SELECT'],
      };
      expect.soft(facts, String(relname)).toEqual(expected);
    }
  });

  test('[REP11] say what they are for, each column too', async () => {
    const { data, error } = await organization.member.db.rpc('describe_reporting_views');
    expect(error).toBeNull();
    expect(data?.length).toBeGreaterThan(100);
    for (const { view_name, column_name, view_comment, column_comment } of data ?? []) {
      expect.soft(view_comment, view_name).toBeTruthy();
      expect.soft(column_comment, `${view_name}.${column_name}`).toBeTruthy();
    }
  });

  test('[REP12] show the organization’s own rows, and to whoever has no login none', async () => {
    const views =
      await operatorSql()`select relname from pg_class where relnamespace = 'reporting'::regnamespace`;
    for (const { relname } of views) {
      const rows = await numberOf(`select count(*) from reporting.${relname}`);
      // The one call has no tag and no latency.
      const least = ['tag_costs', 'latencies', 'daily_latencies'].includes(String(relname)) ? 0 : 1;
      expect.soft(rows, String(relname)).toBeGreaterThanOrEqual(least);
      const [operators] = await operatorSql().unsafe(
        `select count(*)::int as count from reporting.${relname}`,
      );
      expect.soft(operators?.['count'], String(relname)).toBe(0);
    }
    expect(await sql.unsafe('select id from organization')).toEqual([{ id: organization.organizationId }]);
  });

  test('[REP13] add up to the ledger, by whatever they are summed', async () => {
    const [ledger] = await operatorSql()`
      select sum(cost_usd)::text as cost, count(*)::int as calls from public.ai_usage
      where organization_id = ${organization.organizationId} and settled_at is not null`;
    const sums = [
      'costs',
      'daily_costs',
      'project_costs',
      'proxy_key_costs',
      'user_costs',
      'agent_costs',
      'model_costs',
    ];
    for (const view of sums) {
      const [row] = await sql.unsafe(
        `select sum(cost_usd)::text as cost, sum(calls)::int as calls from ${view}`,
      );
      expect.soft(row, view).toEqual(ledger);
    }
    const [usage] = await sql.unsafe(
      `select sum(cost_usd)::text as cost, count(*)::int as calls from usage where settled_at is not null`,
    );
    expect(usage).toEqual(ledger);
    expect(await numberOf(`select count(*) from usage where status = 'reserved'`)).toBe(1);
  });

  test('[REP14] count days in the organization’s zone, and tags', async () => {
    const { organizationId, projectId, proxyKeyId } = organization;
    await operatorSql()`update public.organizations set time_zone = 'Pacific/Auckland' where id = ${organizationId}`;
    await operatorSql()`
      with made as (
        insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, dialect, operation, provider, model,
          status, request_id, created_at, settled_at, cost_usd, tags)
        values (gen_random_uuid(), ${organizationId}, ${projectId}, ${proxyKeyId}, 'openai', 'chat.completions', 'openai',
          'gpt-4o', 'succeeded', 'r', '2026-05-01T12:30:00Z', now(), 0.5, '{nightly,batch}')
        returning ai_usage
      )
      select private.write_deltas(array_agg(ai_usage), 1) from made`;
    // Days begin with the first call that is folded.
    await operatorSql()`select private.fold_usage()`;
    const days = await sql.unsafe(`select day::text from daily_costs where model = 'gpt-4o'`);
    expect([...days]).toEqual([{ day: '2026-05-02' }]);
    const tags = await sql.unsafe('select day::text, tag, cost_usd::text from tag_costs order by tag');
    expect([...tags]).toEqual([
      { day: '2026-05-02', tag: 'batch', cost_usd: '0.5000000000' },
      { day: '2026-05-02', tag: 'nightly', cost_usd: '0.5000000000' },
    ]);
    expect(await numberOf(`select count(*) from days where day = '2026-05-02'`)).toBe(1);
  });

  test('[REP15] show as far back as the plan', async () => {
    const old = `select count(*) from usage where created_at < now() - interval '30 days'`;
    expect(await numberOf(old)).toBeGreaterThan(0);
    await setPlan(organization.organizationId, 'free');
    expect(await numberOf(old)).toBe(0);
    expect(await numberOf(`select count(*) from daily_costs where model = 'gpt-4o'`)).toBe(0);
    expect(await numberOf(`select count(*) from costs where model = 'gpt-4o'`)).toBe(0);
    expect(await numberOf('select count(*) from tag_costs')).toBe(0);
    expect(await numberOf('select count(*) from usage')).toBeGreaterThan(0);
    await setPlan(organization.organizationId, 'enterprise');
  });

  test('[REP16] let conditions on days and times through to the indexes', async () => {
    // A few rows are read quicker without an index: what counts is that one can be used.
    await sql.unsafe('set enable_seqscan = off');
    const plan = async (query: string) =>
      (await sql.unsafe(`explain ${query}`)).map((row) => String(row['QUERY PLAN'])).join('\n');
    expect(await plan(`select * from daily_costs where day >= current_date - 7`)).toMatch(
      /usage_rollups_pkey.*\n\s*Index Cond: .*bucket_at >= .*bucket_at < /,
    );
    expect(await plan(`select * from user_costs where day >= current_date - 7`)).toMatch(
      /usage_sums_pkey.*\n\s*Index Cond: .*day >= \(CURRENT_DATE/,
    );
    expect(await plan(`select * from costs where at > now() - interval '1 day'`)).toMatch(
      /usage_rollups_pkey.*\n\s*Index Cond: .*bucket_at > \(now\(\)/,
    );
    expect(await plan(`select * from usage where created_at > now() - interval '1 day'`)).toMatch(
      /organization_index.*\n\s*Index Cond: .*created_at > \(now\(\)/,
    );
    await sql.unsafe('reset enable_seqscan');
  });

  test('[REP19] say of each day what the ledger says, folded or not, and while days are counted in another zone', async () => {
    const { organizationId, projectId, proxyKeyId } = organization;
    const zone = 'Asia/Kathmandu';
    await operatorSql()`update public.organizations set time_zone = ${zone} where id = ${organizationId}`;
    await operatorSql()`
      with made as (
        insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, user_id, dialect, operation, provider,
          model, status, request_id, latency_ms, created_at, settled_at, cost_usd, tags)
        select gen_random_uuid(), ${organizationId}, ${projectId}, ${proxyKeyId}, 'user-' || n, 'openai',
          'chat.completions', 'openai', 'gpt-4o', 'succeeded', 'r', 300, at, now(), n / 4.0, tags::text[]
        from (values (1, '2026-06-10T18:10Z'::timestamptz, '{nightly,batch}'), (2, '2026-06-10T18:20Z', '{}'),
          (3, '2026-06-30T23:59Z', '{nightly}')) call (n, at, tags)
        returning ai_usage
      )
      select private.write_deltas(array_agg(ai_usage), 1) from made`;
    const requireDays = async () => {
      const byDay = await operatorSql()`
        select (created_at at time zone ${zone})::date::text as day, count(*)::int as calls, sum(cost_usd)::text as cost
        from public.ai_usage where organization_id = ${organizationId} and settled_at is not null group by 1 order by 1`;
      const byTag = await operatorSql()`
        select (created_at at time zone ${zone})::date::text as day, tag, count(*)::int as calls, sum(cost_usd)::text as cost
        from public.ai_usage, unnest(tags) tag where organization_id = ${organizationId} group by 1, 2 order by 1, 2`;
      const sums = 'sum(calls)::int as calls, sum(cost_usd)::text as cost';
      for (const name of ['daily', 'project', 'proxy_key', 'user', 'agent', 'model']) {
        const rows = await sql.unsafe(
          `select day::text, ${sums} from ${name}_costs group by day order by day`,
        );
        expect.soft([...rows], name).toEqual([...byDay]);
      }
      const tags = await sql.unsafe(
        `select day::text, tag, ${sums} from tag_costs group by day, tag order by day, tag`,
      );
      expect([...tags]).toEqual([...byTag]);
      const latencies = await sql.unsafe(
        `select day::text, calls::int, 300 between from_ms and to_ms as fits from daily_latencies where day >= '2026-06-01' and day < '2026-08-01'
         order by day`,
      );
      expect([...latencies]).toEqual(
        ['2026-06-10', '2026-06-11', '2026-07-01'].map((day) => ({ day, calls: 1, fits: true })),
      );
    };
    await requireDays();
    await operatorSql()`select private.fold_usage()`;
    await requireDays();
    const isCounted = async () => {
      await operatorSql()`select private.recount_days()`;
      const [calendar] = await operatorSql()`
        select time_zone from private.usage_calendars where organization_id = ${organizationId}`;
      return calendar?.['time_zone'];
    };
    await expect.poll(isCounted).toBe(zone);
    await requireDays();
  });

  test.each(readyMadeReports)('[REP17] the report “$name” runs', async ({ query }) => {
    expect(await tellOf(sql, query)).not.toContain('refused');
  });
});
