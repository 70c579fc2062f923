import type postgres from 'postgres';
import { keepListening } from './keep-listening.ts';
import { nextCronRun } from './next-cron-run.ts';
import { runCronJob, type CronJob } from './run-cron-job.ts';

export type Worker = { stop: () => Promise<void> };

/** Executes what `cron.schedule` wrote: pg_cron's worker. */
export async function startCron(admin: postgres.Sql, adminUrl: string): Promise<Worker> {
  const planned = new Map<string, PlannedJob>();
  const stopping = new AbortController();

  const readJobs = async () => {
    const jobs = await activeJobs(admin);
    if (stopping.signal.aborted) return;
    const current = new Set(jobs.map((job) => job.jobid));
    for (const [id, job] of planned) {
      if (current.has(id)) continue;
      job.cancel();
      planned.delete(id);
    }
    for (const job of jobs) {
      const known = planned.get(job.jobid);
      if (known) known.change(job);
      else
        planned.set(
          job.jobid,
          planJob(job, (due) => runCronJob(admin, adminUrl, due, stopping.signal)),
        );
    }
  };
  const tryReadJobs = () => void readJobs().catch(() => {});

  await closeInterrupted(admin);
  const listening = await keepListening(adminUrl, 'pg_cron', {
    onNotify: tryReadJobs,
    onListening: tryReadJobs,
  });
  const upkeep = setInterval(() => void forgetOldRuns(admin).catch(() => {}), UPKEEP_MS);
  return {
    stop: async () => {
      clearInterval(upkeep);
      stopping.abort();
      for (const job of planned.values()) job.cancel();
      await listening.stop();
      await Promise.all([...planned.values()].map((job) => job.idle()));
    },
  };
}

type PlannedJob = { change: (job: CronJob) => void; cancel: () => void; idle: () => Promise<void> };

/** One job and its timer. It never overlaps itself: what falls due meanwhile runs once, right afterwards. */
function planJob(initial: CronJob, run: (job: CronJob) => Promise<void>): PlannedJob {
  let job = initial;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isDueAgain = false;
  let isCancelled = false;

  const plan = (after: Date) => {
    clearTimeout(timer);
    const next = nextRun(job.schedule, after);
    if (!next || isCancelled) return;
    const waitMs = next.getTime() - Date.now();
    // A timer cannot wait for months, and a clock that was set makes long waits wrong.
    if (waitMs > LONGEST_WAIT_MS) timer = setTimeout(() => plan(new Date()), LONGEST_WAIT_MS);
    else timer = setTimeout(() => due(next), Math.max(0, waitMs));
  };
  const due = (at: Date) => {
    plan(Date.now() - at.getTime() > 60_000 ? new Date() : at);
    if (running) isDueAgain = !isInterval(job.schedule);
    else start();
  };
  const start = () => {
    running = run(job)
      .catch(() => {})
      .finally(() => {
        running = undefined;
        if (isDueAgain && !isCancelled) start();
        isDueAgain = false;
      });
  };

  plan(new Date());
  return {
    change: (changed) => {
      const isReplanned = changed.schedule !== job.schedule;
      job = changed;
      if (isReplanned) plan(new Date());
    },
    cancel: () => {
      isCancelled = true;
      clearTimeout(timer);
    },
    idle: async () => running,
  };
}

async function isInstalled(admin: postgres.Sql): Promise<boolean> {
  const [row] = await admin`select to_regclass('cron.job_run_details') is not null as present`;
  return row?.['present'] === true;
}

async function activeJobs(admin: postgres.Sql): Promise<CronJob[]> {
  if (!(await isInstalled(admin))) return [];
  return admin<CronJob[]>`select jobid, schedule, command, database, username from cron.job where active`;
}

async function closeInterrupted(admin: postgres.Sql): Promise<void> {
  if (!(await isInstalled(admin))) return;
  await admin`
    update cron.job_run_details
    set status = 'failed', return_message = 'server restarted', end_time = clock_timestamp()
    where status in ('starting', 'running')`;
}

async function forgetOldRuns(admin: postgres.Sql): Promise<void> {
  if (!(await isInstalled(admin))) return;
  await admin`
    delete from cron.job_run_details
    where runid <= (select max(runid) from cron.job_run_details) - ${KEPT_RUNS}`;
}

/** A schedule that passed SQL's check but cannot be computed is never due, rather than the end of the others. */
function nextRun(schedule: string, after: Date): Date | undefined {
  try {
    return nextCronRun(schedule, after);
  } catch {
    return undefined;
  }
}

function isInterval(schedule: string): boolean {
  return /seconds?\s*$/i.test(schedule);
}

const LONGEST_WAIT_MS = 3_600_000;
const UPKEEP_MS = 300_000;
const KEPT_RUNS = 10_000;
