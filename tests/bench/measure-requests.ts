import { setTimeout as wait } from 'node:timers/promises';
import type { Ready } from '../../scripts/ready-file.ts';
import { quantile } from './measure.ts';
import type { RecordedRequest } from './record-requests.ts';
import { rounded, showRule } from './show-rule.ts';

const mostMs = 200;
const mostTimesAsLong = 1.5;
const rounds = 40;

/** Where requests are sent to. */
export type RequestTarget = {
  ready: Ready;
  accessToken: string;
  /** Ids that requests name which were recorded elsewhere, and what stands for each here. */
  ownIds: ReadonlyMap<string, string>;
};

/**
 * Asks the same of both in turns, so that a noisy machine is equally noisy to both. What breaks a rule is measured
 * again: what is slow stays so, what else the machine was busy with does not.
 */
export async function measureRequests(
  requests: readonly RecordedRequest[],
  small: RequestTarget,
  large: RequestTarget,
): Promise<boolean> {
  const figures: Figures[] = [];
  for (const request of requests) {
    let figure = judge(request, await measureRequest(request, small, large));
    for (let again = 0; again < 3 && !figure.isKept; again++) {
      await wait(2000);
      figure = judge(request, await measureRequest(request, small, large));
    }
    figures.push(figure);
  }
  console.table(
    figures.map(({ request, p95, p95OfSmall, p50, p50OfSmall, isKept }) => ({
      page: request.page,
      request: request.label,
      'p95 ms': rounded(p95),
      'of 100,000': rounded(p95OfSmall),
      'p50 ms': rounded(p50),
      'of 100,000 ': rounded(p50OfSmall),
      times: rounded(p50 / p50OfSmall),
      '': isKept ? '' : 'FAILED',
    })),
  );
  return showRule(
    `${figures.length} requests: p95 at most ${mostMs} ms, p50 at most ${mostTimesAsLong} times that of 100,000 rows`,
    figures.every(({ isKept }) => isKept),
  );
}

async function replay(
  request: RecordedRequest,
  { ready, accessToken, ownIds }: RequestTarget,
): Promise<number> {
  const own = (text: string): string =>
    [...ownIds].reduce((replaced, [id, ownId]) => replaced.replaceAll(id, ownId), text);
  const startedAt = performance.now();
  const answer = await fetch(`${ready.url}${own(request.path)}`, {
    method: request.method,
    body: request.body === null ? null : own(request.body),
    headers: {
      ...request.headers,
      apikey: ready.publishableKey,
      authorization: `Bearer ${accessToken}`,
    },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${request.label} answered ${answer.status}: ${text}`);
  return performance.now() - startedAt;
}

type Durations = { small: number[]; large: number[] };

async function measureRequest(
  request: RecordedRequest,
  small: RequestTarget,
  large: RequestTarget,
): Promise<Durations> {
  const durations: Durations = { small: [], large: [] };
  // The first rounds are not counted: they fill caches and plans.
  for (let round = -3; round < rounds; round++) {
    const [ofSmall, ofLarge] = [await replay(request, small), await replay(request, large)];
    if (round < 0) continue;
    durations.small.push(ofSmall);
    durations.large.push(ofLarge);
  }
  return durations;
}

type Figures = {
  request: RecordedRequest;
  p95: number;
  p95OfSmall: number;
  p50: number;
  p50OfSmall: number;
  isKept: boolean;
};

/** Noise makes the slowest of both slow: whether they take as long as each other, the medians tell. */
function judge(request: RecordedRequest, { small, large }: Durations): Figures {
  const [p95, p50] = [quantile(large, 0.95), quantile(large, 0.5)];
  const [p95OfSmall, p50OfSmall] = [quantile(small, 0.95), quantile(small, 0.5)];
  const isKept = p95 <= mostMs && p50 / p50OfSmall <= mostTimesAsLong;
  return { request, p95, p95OfSmall, p50, p50OfSmall, isKept };
}
