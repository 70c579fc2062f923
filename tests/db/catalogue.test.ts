import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorSql } from '../support/database.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';

const ours = ['public', 'private'];

let proxy: ProxyLedger;
beforeAll(() => {
  proxy = openProxyLedger(1);
});
afterAll(() => proxy.close());

async function readNames(rows: PromiseLike<Iterable<Record<string, unknown>>>): Promise<string[]> {
  return [...(await rows)].map(({ name }) => String(name)).toSorted();
}

test('[CAT1] every table has row-level security, partitions too', async () => {
  const unsafe = operatorSql()`
    select oid::regclass::text as name from pg_class
    where relnamespace::regnamespace::text = any(${ours}) and relkind in ('r', 'p') and not relrowsecurity`;
  expect(await readNames(unsafe)).toEqual([]);
});

test('[CAT2] every table and view says what it is for', async () => {
  const silent = operatorSql()`
    select oid::regclass::text as name from pg_class
    where relnamespace::regnamespace::text = any(${ours}) and relkind in ('r', 'p', 'v', 'm')
      and coalesce(obj_description(oid, 'pg_class'), '') = ''`;
  expect(await readNames(silent)).toEqual([]);
});

test('[CAT3] every view that anyone may read shows them only what the tables below would', async () => {
  const overreaching = operatorSql()`
    select oid::regclass::text as name from pg_class
    where relnamespace::regnamespace::text = any(${ours}) and relkind in ('v', 'm') and relacl is not null
      and not coalesce(reloptions @> array['security_invoker=true'], false)`;
  expect(await readNames(overreaching)).toEqual([]);
});

test('[CAT4] every function pins its search path, security definer or not', async () => {
  const loose = operatorSql()`
    select oid::regprocedure::text as name from pg_proc
    where pronamespace::regnamespace::text = any(${ours})
      and not coalesce(proconfig @> array['search_path=""'], false)`;
  expect(await readNames(loose)).toEqual([]);
});

test('[CAT5] no function may be called by PUBLIC', async () => {
  const open = operatorSql()`
    select p.oid::regprocedure::text as name
    from pg_proc p cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl
    where p.pronamespace::regnamespace::text = any(${ours}) and acl.grantee = 0 and acl.privilege_type = 'EXECUTE'`;
  expect(await readNames(open)).toEqual([]);
});

/** Functions with the rights of their owner, by who may call them. Triggers are called by nobody. */
const definers: Record<string, Record<string, string>> = {
  anon: {
    'public.show_invitation':
      'holding the 256-bit token is the right to see what it invites to, before signing up',
  },
  authenticated: {
    'private.is_my_topic': 'policies read epochs past the policies of organizations',
    'private.my_colleague_ids': 'policies read memberships past the policies of memberships',
    'private.my_history_starts': 'policies read plans past the policies of organizations',
    'private.my_organization_ids': 'policies read memberships past the policies of memberships',
    'private.organizations_where_i_am': 'policies read memberships past the policies of memberships',
    'private.is_my_board_topic': 'policies of Realtime read boards past the policies of boards',
    'public.approve_task': 'tasks are written by rules, not by clients',
    'public.assign_task': 'counts the plan’s tasks under the organization’s lock',
    'public.board_pull': 'membership is asked once, not for each of thousands of records',
    'public.create_board': 'records are written by rules, not by clients',
    'public.delete_board_snapshot': 'versions are written by rules, not by clients',
    'public.export_board': 'the plan is asked, which policies of records do not',
    'public.save_board_snapshot': 'versions are written by rules, not by clients',
    'public.create_agent': 'an agent and its budget are made together',
    'public.reassign_task': 'tasks are written by rules, not by clients',
    'public.restart_task': 'tasks are written by rules, not by clients',
    'public.return_task': 'tasks are written by rules, not by clients',
    'public.stop_task': 'tasks are written by rules, not by clients',
    'public.accept_invitation': 'memberships are written by rules, not by clients',
    'public.break_down_usage': 'totals of the month reach back further than the plan’s history',
    'public.begin_alert_channel_test': 'that it was tested is written, so that it is not tested without end',
    'public.cancel_report': 'ends a session of the organization’s own role, which no client may',
    'public.change_member_role': 'memberships are written by rules, not by clients',
    'public.close_month': 'statements are written once, by what the ledger says',
    'public.next_statement': 'what is due does not end with the history that the plan shows',
    'public.preview_statement': 'what is due does not end with the history that the plan shows',
    'public.create_invitation': 'writes the token’s hash, which no client may read',
    'public.create_organization': 'the first owner is the caller, whatever a client would say',
    'public.create_reporting_login': 'makes a database role',
    'public.decide_budget_request': 'what was decided stays, so the row is not writable by clients',
    'public.delete_organization': 'asks for owner and slug; a delete policy could not',
    'public.forget_cached_answers': 'nobody reads or writes them directly',
    'public.enable_sandbox': 'credentials are not insertable by clients',
    'public.list_prices': 'an own price and the list’s are found by a private function',
    'public.mail_report': 'when it goes is decided by the clock, not by clients',
    'public.mark_alerts_seen': 'alerts are facts; only who looked is written',
    'public.mark_notifications_read': 'notifications are facts; only that they were read is written',
    'public.mint_personal_key': 'writes the key’s hash and its cap, which members may not',
    'public.mint_proxy_key': 'writes the key’s hash, which no client may read',
    'public.office_events_between': 'asks for the membership once, not for every event',
    'public.office_events_since': 'asks for the membership once, not for every event',
    'public.office_state': 'asks for the membership once, not for every event',
    'public.place_agent': 'writes the caller’s own row, whatever a client would say',
    'public.preview_repricing': 'prices are found by private functions',
    'public.remove_member': 'memberships are written by rules, not by clients',
    'public.reprice_usage': 'the ledger is not writable by clients',
    'public.request_budget_increase': 'asks in the caller’s name, whatever a client would say',
    'public.restore_usage_archive': 'restores are written by rules, not by clients',
    'public.restart_alert_delivery':
      'the outbox is written by jobs, and a restart is all that people may do to it',
    'public.resume_alert_channel': 'what deliveries say of a channel is not writable',
    'public.revoke_reporting_login': 'drops a database role',
    'public.revoke_proxy_key': 'revoking cannot be undone, so the column is not writable',
    'public.rotate_proxy_key': 'writes the new secret’s hash, which no client may read',
    'public.rotate_provider_credential': 'writes the sealed secret, which no client may read',
    'public.save_office_place': 'writes the caller’s own row, whatever a client would say',
    'public.set_rate_limit': 'counts what is open under the organization’s lock',
    'public.show_invitation': 'as for anon: invitations are also opened by people who are signed in',
    'public.store_billing_key': 'writes the sealed secret, which no client may read',
    'public.spend_status': 'totals of the month reach back further than the plan’s history',
    'public.store_alert_channel': 'writes the sealed address, which no client may read',
    'public.store_provider_credential': 'writes the sealed secret, which no client may read',
    'public.summarize_usage': 'totals of the month reach back further than the plan’s history',
    'public.transfer_organization': 'memberships are written by rules, not by clients',
  },
  proxy: {
    'private.authenticate_key': 'the proxy’s login sees no table',
    'private.extend_calls': 'the proxy’s login sees no table',
    'private.find_cached_answers': 'the proxy’s login sees no table',
    'private.log_bodies': 'the proxy’s login sees no table',
    'private.remember_answers': 'the proxy’s login sees no table',
    'private.reroute_calls': 'the proxy’s login sees no table',
    'private.reserve_calls': 'the proxy’s login sees no table',
    'private.settle_calls': 'the proxy’s login sees no table',
  },
};

test.each(Object.entries(definers))(
  '[CAT6] %s calls with the rights of the owner only what is listed with its reason',
  async (role, reasons) => {
    const callable = operatorSql()`
      select format('%s.%s', pronamespace::regnamespace, proname) as name from pg_proc
      where prosecdef and pronamespace::regnamespace::text = any(${ours})
        and has_function_privilege(${role}, oid, 'execute') and has_schema_privilege(${role}, pronamespace, 'usage')`;
    expect(await readNames(callable)).toEqual(Object.keys(reasons).toSorted());
  },
);

test('[CAT7] anonymous visitors call nothing of ours but what is listed', async () => {
  const callable = operatorSql()`
    select format('%s.%s', pronamespace::regnamespace, proname) as name from pg_proc
    where pronamespace::regnamespace::text = any(${ours}) and has_function_privilege('anon', oid, 'execute')`;
  expect(await readNames(callable)).toEqual(Object.keys(definers['anon'] ?? {}));
});

test('[CAT8] users have no right to any sequence', async () => {
  const usable = operatorSql()`
    select c.oid::regclass::text as name from pg_class c cross join (values ('anon'), ('authenticated')) as role (name)
    where c.relnamespace::regnamespace::text = any(${ours}) and c.relkind = 'S'
      and has_sequence_privilege(role.name, c.oid, 'usage, select, update')`;
  expect(await readNames(usable)).toEqual([]);
});

describe('the role of the proxy', () => {
  test('[PRX1] is no superuser, inherits nothing, passes no policy and makes nothing', async () => {
    const [role] = await operatorSql()`
      select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication,
        has_schema_privilege(oid, 'public', 'create') or has_schema_privilege(oid, 'private', 'create') as makes_objects,
        exists (select from pg_auth_members where member = pg_roles.oid) as is_member
      from pg_roles where rolname = 'proxy'`;
    expect(Object.values(role ?? { role: 'missing' })).toEqual(Array(7).fill(false));
  });

  test('[PRX2] may call reserve, extend, settle, log and authenticate, and no other function of any schema', async () => {
    const callable = operatorSql()`
      select format('%s.%s', pronamespace::regnamespace, proname) as name from pg_proc
      where pronamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
        and has_function_privilege('proxy', oid, 'execute') and has_schema_privilege('proxy', pronamespace, 'usage')`;
    expect(await readNames(callable)).toEqual(Object.keys(definers['proxy'] ?? {}));
  });

  test('[PRX3] reads and writes no table of any schema', async () => {
    const readable = operatorSql()`
      select c.oid::regclass::text as name from pg_class c
      where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and c.relnamespace::regnamespace::text not in
          ('pg_catalog', 'information_schema', 'pg_toast')
        and has_schema_privilege('proxy', c.relnamespace, 'usage')
        and (case when c.relkind = 'S' then has_sequence_privilege('proxy', c.oid, 'usage, select, update')
          else has_any_column_privilege('proxy', c.oid, 'select, insert, update, references')
            or has_table_privilege('proxy', c.oid, 'delete, truncate, trigger') end)`;
    expect(await readNames(readable)).toEqual([]);
  });

  test('[PRX4] is refused when it tries', async () => {
    const { sql } = proxy;
    const [who] = await sql`select current_user as name`;
    expect(who?.['name']).toBe('proxy');
    for (const relation of [
      'public.ai_usage',
      'private.spend_counters',
      'private.proxy_key_hashes',
      'auth.users',
    ]) {
      await expect(sql.unsafe(`select from ${relation}`)).rejects.toThrow(/permission denied/);
    }
    await expect(sql`select private.sweep_expired_calls()`).rejects.toThrow(/permission denied/);
    await expect(sql`select public.run_gateway_job('fold-usage')`).rejects.toThrow(/permission denied/);
  });

  test('[PRX5] cannot wait forever', async () => {
    const [role] = await operatorSql()`
      select setconfig as settings from pg_db_role_setting where setrole = 'proxy'::regrole`;
    expect(role?.['settings']).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^statement_timeout=[1-9]/),
        expect.stringMatching(/^idle_in_transaction_session_timeout=[1-9]/),
      ]),
    );
  });
});

describe('the partitions of the ledger', () => {
  test('[PAR1] are in schema private and readable by no user, but for the calls in flight', async () => {
    const partitions = await operatorSql()`
      select inhrelid::regclass::text as name, relnamespace::regnamespace::text as schema,
        has_any_column_privilege('anon', inhrelid, 'select, insert, update') as anon,
        has_any_column_privilege('authenticated', inhrelid, 'select, insert, update') as authenticated,
        has_table_privilege('authenticated', inhrelid, 'delete') as deletable
      from pg_inherits join pg_class on oid = inhrelid
      where inhparent = 'public.ai_usage'::regclass and inhrelid <> 'public.open_calls'::regclass`;
    expect(partitions.length).toBeGreaterThanOrEqual(4);
    for (const { name, ...facts } of partitions) {
      const expected = { schema: 'private', anon: false, authenticated: false, deletable: false };
      expect.soft(facts, String(name)).toEqual(expected);
    }
  });

  test('[PAR2] are there for this month and the two after it', async () => {
    const missing = operatorSql()`
      select name from generate_series(now(), now() + interval '2 months', interval '1 month') at
      cross join lateral (select to_char(at at time zone 'UTC', '"private.ai_usage_"YYYY_MM') as name) month
      where to_regclass(name) is null`;
    expect(await readNames(missing)).toEqual([]);
  });
});
