import type postgres from 'postgres';
import type { Worker } from './cron.ts';
import { keepListening } from './keep-listening.ts';

type QueuedRequest = {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string> | null;
  body: Uint8Array | null;
  timeout_milliseconds: number;
};

/** Sends what `net.http_post` and its siblings queued, and keeps the answers for six hours: pg_net's worker. */
export async function startNet(admin: postgres.Sql, adminUrl: string): Promise<Worker> {
  const sending = new Set<Promise<void>>();
  const stopping = new AbortController();
  let taking: Promise<void> | undefined;
  let isAskedAgain = false;
  let isFull = false;

  const takeAll = async () => {
    do {
      isAskedAgain = false;
      for (const request of await takeQueued(admin, CONCURRENCY - sending.size)) {
        const sent = send(admin, request, stopping.signal).catch(() => {});
        sending.add(sent);
        void sent.finally(() => {
          sending.delete(sent);
          if (isFull) wake();
        });
      }
      isFull = sending.size >= CONCURRENCY;
    } while (isAskedAgain && !isFull);
  };
  const wake = () => {
    isAskedAgain = true;
    if (taking || stopping.signal.aborted) return;
    taking = takeAll()
      .catch(() => {})
      .finally(() => (taking = undefined));
  };

  const listening = await keepListening(adminUrl, 'pg_net', { onNotify: wake, onListening: wake });
  const upkeep = setInterval(() => void forgetOldResponses(admin).catch(() => {}), UPKEEP_MS);
  return {
    stop: async () => {
      clearInterval(upkeep);
      stopping.abort();
      await listening.stop();
      await taking;
      await Promise.all(sending);
    },
  };
}

async function takeQueued(admin: postgres.Sql, limit: number): Promise<QueuedRequest[]> {
  if (limit <= 0 || !(await isInstalled(admin))) return [];
  return admin<QueuedRequest[]>`
    delete from net.http_request_queue
    where id in (select id from net.http_request_queue order by id limit ${limit} for update skip locked)
    returning *`;
}

async function send(admin: postgres.Sql, request: QueuedRequest, stopping: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(request.timeout_milliseconds);
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: { 'user-agent': 'pg_net/0.20.5', ...request.headers },
      body: request.body ? new Uint8Array(request.body) : null,
      signal: AbortSignal.any([timeout, stopping]),
    });
    const content = await response.text();
    await admin`
      insert into net._http_response (id, status_code, content_type, headers, content, timed_out)
      values (
        ${request.id}, ${response.status}, ${response.headers.get('content-type')},
        ${admin.json(Object.fromEntries(response.headers))}, ${content.replaceAll('\0', '')}, false
      )`;
  } catch (error) {
    if (stopping.aborted) return;
    const message = timeout.aborted
      ? `Timeout of ${request.timeout_milliseconds} ms reached.`
      : reasonOf(error);
    await admin`
      insert into net._http_response (id, timed_out, error_msg) values (${request.id}, ${timeout.aborted}, ${message})`;
  }
}

/** fetch says "fetch failed"; what failed is its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function isInstalled(admin: postgres.Sql): Promise<boolean> {
  const [row] = await admin`select to_regclass('net.http_request_queue') is not null as present`;
  return row?.['present'] === true;
}

async function forgetOldResponses(admin: postgres.Sql): Promise<void> {
  if (!(await isInstalled(admin))) return;
  await admin`delete from net._http_response where created < now() - interval '6 hours'`;
}

const CONCURRENCY = 50;
const UPKEEP_MS = 300_000;
