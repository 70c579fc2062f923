import postgres from 'postgres';
import type { Person } from './person.ts';

export type ReportingLogin = {
  id: string;
  username: string;
  password: string;
  host: string;
  port: number;
  database: string;
};

/** Makes a SQL login the way the dashboard does. */
export async function makeReportingLogin(
  organizationId: string,
  admin: Person,
  name = 'Metabase',
): Promise<ReportingLogin> {
  const { data, error } = await admin.db
    .rpc('create_reporting_login', { organization_id: organizationId, name })
    .single();
  if (error) throw error;
  return data;
}

export async function revokeReportingLogin({ id }: ReportingLogin, admin: Person): Promise<void> {
  const { error } = await admin.db.rpc('revoke_reporting_login', { id });
  if (error) throw error;
}

/** One connection, as a client such as psql makes it; `database` is for those that try another one. */
export function connectReporting(login: ReportingLogin, database = login.database): postgres.Sql {
  const { host, port, username, password } = login;
  return postgres({
    host,
    port,
    username,
    password,
    database,
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => {},
  });
}

/** What a statement answers, or why it was refused, as text: all that its sender learns. */
export async function tellOf(sql: postgres.Sql, statement: string): Promise<string> {
  try {
    return JSON.stringify(await sql.unsafe(statement));
  } catch (error) {
    if (error instanceof postgres.PostgresError) {
      const { code, message, detail = '', hint = '', where = '' } = error;
      return `refused ${code}: ${[message, detail, hint, where].join(' ')}`;
    }
    return `refused: ${String(error)}`;
  }
}
