import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { operatorSql } from '../support/database.ts';
import { accessMatrix, actors, may, type Access, type Actor } from './access-matrix.ts';
import { actAs, attempt, inRolledBackTransaction, type Outcome, type Session } from './act-as.ts';
import { addPassingRows, makeFullOrganization, type FullOrganization } from './full-organization.ts';

let organization: FullOrganization;
beforeAll(async () => {
  organization = await makeFullOrganization();
});
afterAll(() => organization.remove());

test('[TEN1] the matrix names every table of public and private, every view that anyone may read, and no other', async () => {
  const rows = await operatorSql()`
    select format('%s.%s', relnamespace::regnamespace, relname) as relation from pg_class
    where relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      and relkind in ('r', 'p', 'v', 'm', 'f') and not (relkind = 'v' and relacl is null)
      -- A month that another test takes out of the ledger is no partition for a moment.
      and not ((relispartition or relname ~ '^ai_usage_[0-9_]+$') and relnamespace = 'private'::regnamespace)`;
  const found = rows.map(({ relation }) => String(relation));
  expect(found.toSorted()).toEqual(Object.keys(accessMatrix).toSorted());
});

test('[TEN2] what is tried below is tried on rows that are there', async () => {
  await inRolledBackTransaction(async (session) => {
    await addPassingRows(session, organization);
    for (const [relation, access] of Object.entries(accessMatrix)) {
      const { count } = await session.unsafe(
        `select from ${relation} where ${isTargeted(access)}`,
        targetOf(access),
      );
      expect.soft(count, relation).toBeGreaterThan(0);
    }
  });
});

describe.each(Object.entries(accessMatrix))('[TEN3] %s', (relation, access) => {
  test.each(actors)('gives to %s what the matrix says, and nothing of others', async (actor) => {
    const expected = {
      select: may(actor, access.select),
      insert: may(actor, access.insert?.by),
      update: may(actor, access.update?.by) ? access.update?.columns.toSorted() : [],
      delete: may(actor, access.delete),
      othersRowsSeen: 0,
      othersRowsChanged: [],
    };
    expect(await tryEverything(relation, access, actor)).toEqual(expected);
  });
});

test('[TEN4] no privilege goes further than the matrix, row-level security aside', async () => {
  for (const [relation, access] of Object.entries(accessMatrix)) {
    expect.soft({ relation, ...(await readPrivileges(relation)) }).toEqual({
      relation,
      anon: access.select === 'anonymous' ? ['SELECT'] : [],
      authenticated: [
        ...(access.delete ? ['DELETE'] : []),
        ...(access.select === 'nobody' ? [] : ['SELECT']),
      ],
      insertable: access.insert?.columns.toSorted() ?? [],
      updatable: access.update?.columns.toSorted() ?? [],
    });
  }
});

test('[TEN5] a person changes nobody else, as owner of their organization neither', async () => {
  const { owner, member } = organization;
  const { count } = await inRolledBackTransaction(async (session) => {
    await actAs(session, owner.userId);
    return session`update public.profiles set full_name = 'Taken over' where user_id = ${member.userId}`;
  });
  expect(count).toBe(0);
});

type Findings = {
  select: boolean;
  insert: boolean;
  update: string[];
  delete: boolean;
  othersRowsSeen: Outcome;
  othersRowsChanged: string[];
};

/** Every command on the organization's rows as this actor, each taken back; and again without saying whose rows. */
async function tryEverything(relation: string, access: Access, actor: Actor): Promise<Findings> {
  const userId = actor === 'anonymous' ? null : organization[actor].userId;
  const columns = await readColumns(relation);
  return inRolledBackTransaction(async (session) => {
    await addPassingRows(session, organization);
    const row = await readRow(session, relation, access);
    const theirs = await readTheirs(session, access, userId);
    const untouched = await fingerprintOthers(session, relation, access, theirs);
    const othersRowsChanged: string[] = [];
    const lookAtOthers = (command: string) => async (touched: number) => {
      if (touched === 0) return;
      await session`reset role`;
      if ((await fingerprintOthers(session, relation, access, theirs)) === untouched) return;
      othersRowsChanged.push(command);
    };
    const try_ = (statement: string): Promise<Outcome> => attempt(session, statement, targetOf(access));
    const tryBlind = (command: string, statement: string, parameters: string[] = []): Promise<Outcome> =>
      attempt(session, statement, parameters, lookAtOthers(command));

    await actAs(session, userId);
    const target = isTargeted(access);
    const select = await try_(`select from ${relation} where ${target}`);
    const insert = await attempt(session, insertInto(relation, access.insert?.columns ?? columns), [row]);
    const update: string[] = [];
    for (const column of columns) {
      const outcome = await try_(`update ${relation} set ${column} = ${column} where ${target}`);
      if (getsThrough(outcome)) update.push(column);
      // Reads no column, so that no select policy hides rows from it.
      const value = `(jsonb_populate_record(null::${relation}, $1::text::jsonb)).${column}`;
      await tryBlind(`update ${column}`, `update ${relation} set ${column} = ${value}`, [row]);
    }
    const remove = await try_(`delete from ${relation} where ${target}`);
    await tryBlind('delete', `delete from ${relation}`);
    return {
      select: getsThrough(select),
      insert: getsThrough(insert),
      update: update.toSorted(),
      delete: getsThrough(remove),
      othersRowsSeen: await countOthersSeen(session, relation, access, theirs),
      othersRowsChanged,
    };
  });
}

/** A statement that failed on a constraint was let in. */
const getsThrough = (outcome: Outcome): boolean => outcome !== 'refused' && outcome !== 0;

const isTargeted = ({ owner }: Access): string => (owner === null ? 'true' : `${owner.column} = $1`);

function targetOf({ owner }: Access): string[] {
  if (owner === null) return [];
  return [owner.is === 'organization' ? organization.organizationId : organization.owner.userId];
}

/** A copy of the organization's row, under another name where names are unique. */
function insertInto(relation: string, columns: string[]): string {
  const values = columns.map((column) => (column === 'name' ? `r.name || ' again'` : `r.${column}`));
  return `insert into ${relation} (${columns.join(', ')})
    select ${values.join(', ')} from jsonb_populate_record(null::${relation}, $1::text::jsonb) r`;
}

async function readColumns(relation: string): Promise<string[]> {
  const rows = await operatorSql()`
    select attname from pg_attribute
    where attrelid = ${relation}::regclass and attnum > 0 and not attisdropped
      and attgenerated = '' and attidentity <> 'a'`;
  return rows.map(({ attname }) => String(attname));
}

async function readRow(session: Session, relation: string, access: Access): Promise<string> {
  const [found] = await session.unsafe(
    `select to_jsonb(t)::text as row from ${relation} t where ${isTargeted(access)} limit 1`,
    targetOf(access),
  );
  return z.string().parse(found?.['row']);
}

/** Ids of what a person belongs to, as they stand in the relation's owner column. */
async function readTheirs(session: Session, { owner }: Access, userId: string | null): Promise<string[]> {
  const memberships = session`
    select organization_id from public.organization_members where user_id = ${userId}`;
  const rows =
    owner?.is === 'person'
      ? await session`select distinct user_id as id from public.organization_members
          where organization_id in (${memberships})`
      : await session`select organization_id as id from (${memberships}) mine`;
  return rows.map(({ id }) => String(id));
}

const isOthers = ({ owner }: Access): string =>
  owner === null ? '$1::uuid[] is not null' : `${owner.column} <> all ($1::uuid[])`;

async function fingerprintOthers(session: Session, relation: string, access: Access, theirs: string[]) {
  const [sum] = await session.unsafe(
    `select count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) as fingerprint
     from ${relation} t where ${isOthers(access)}`,
    [theirs],
  );
  return z.string().parse(sum?.['fingerprint']);
}

async function countOthersSeen(session: Session, relation: string, access: Access, theirs: string[]) {
  if (access.owner === null) return 0;
  const statement = `select from ${relation} where ${isOthers(access)}`;
  const outcome = await attempt(session, statement, [theirs]);
  return outcome === 'refused' ? 0 : outcome;
}

async function readPrivileges(relation: string) {
  const [row] = await operatorSql()`
    with privileges (name) as (
      values ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER'), ('MAINTAIN')
    ), columns as (
      select attname::text as name from pg_attribute
      where attrelid = ${relation}::regclass and attnum > 0 and not attisdropped
    )
    select
      array(select name from privileges where has_table_privilege('anon', ${relation}, name) order by 1) as anon,
      array(select name from privileges where has_table_privilege('authenticated', ${relation}, name) order by 1)
        as authenticated,
      array(select name from columns where has_column_privilege('authenticated', ${relation}, name, 'INSERT')
        or has_column_privilege('anon', ${relation}, name, 'INSERT') order by 1) as insertable,
      array(select name from columns where has_column_privilege('authenticated', ${relation}, name, 'UPDATE')
        or has_column_privilege('anon', ${relation}, name, 'UPDATE') order by 1) as updatable`;
  return { ...row };
}
