import { AppError } from '../_shared/errors.ts';
import { inBackground } from './background.ts';
import type { Bytes } from './call.ts';
import { capture } from './capture-bodies.ts';
import { clientHeaders } from './client-headers.ts';
import { after } from './deadlines.ts';
import { isTight } from './is-tight.ts';
import { keepAnswer } from './keep-answer.ts';
import { type OpenCall, stopCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { readEvent } from './read-event.ts';
import { errorEvent } from './render-error.ts';
import { refusalOf } from './refusal-of.ts';
import { baseOf } from './send-upstream.ts';
import { type Outcome, settle, settleForClient } from './settle.ts';
import { type EventSplitter, splitEvents } from './split-events.ts';
import { estimateOutputTokens } from './tally.ts';
import { translateEvents } from './translate/translate-events.ts';
import { drainLimitMs } from './watch-client.ts';
import { watchHold } from './watch-hold.ts';

/** Hands on a stream event by event, byte for byte, as fast as the client reads, and settles it when it is over. */
export function relayStream(
  proxy: Proxy,
  open: OpenCall,
  upstream: Response,
  body: ReadableStream<Bytes>,
  hidesUsage: boolean,
): Response {
  const headers = clientHeaders(upstream.headers, open.call, {
    budgetRemainingUsd: open.admitted.budget_remaining_usd,
    rates: open.admitted.rates,
    cacheMark: open.cacheMark,
  });
  if (open.cacheEntry !== null) open.cacheEntry.contentType = upstream.headers.get('content-type') ?? '';
  if (open.bodies !== null) open.bodies.responseIsStream = true;
  const relay = new StreamRelay(proxy, open, body.getReader(), hidesUsage);
  if (open.isClientGone) {
    relay.cancel();
    return new Response(null, { headers });
  }
  // Nothing is read ahead: upstream feels the client's pace.
  const stream = new ReadableStream<Bytes>(relay, { highWaterMark: 0 });
  return new Response(stream, { status: upstream.status, headers });
}

const maxDrainBytes = 64 * 1024 * 1024;
const encoder = new TextEncoder();

type Reader = ReadableStreamDefaultReader<Bytes>;
type Controller = ReadableStreamDefaultController<Bytes>;
type Ending = Pick<Outcome, 'status' | 'errorCode'>;

class StreamRelay implements UnderlyingDefaultSource<Bytes> {
  readonly #proxy: Proxy;
  readonly #open: OpenCall;
  readonly #reader: Reader;
  readonly #base: string;
  readonly #events: EventSplitter;
  readonly #watchOutput: (outputTokens: number) => void;
  #phase: 'relaying' | 'broken' | 'draining' | 'over' = 'relaying';
  #client: Controller | undefined;

  constructor(proxy: Proxy, open: OpenCall, reader: Reader, hidesUsage: boolean) {
    const { provider } = open.target;
    this.#proxy = proxy;
    this.#open = open;
    this.#reader = reader;
    this.#base = baseOf(proxy, open);
    this.#events = open.target.isTranslated
      ? translateEvents(open)
      : splitEvents((data, isWhole) => readEvent(provider, open.tally, hidesUsage, data, isWhole));
    this.#watchOutput = watchHold(proxy, open, (refused) => stopCall(open, refusalOf(proxy.config, refused)));
    // Once garbage was collected, Deno's fetch has forgotten the signal that it was given: the body is told as well.
    const onAbort = (): void => {
      void reader.cancel().catch(() => {});
      if (open.stoppedBy !== null) this.#stop(open.stoppedBy);
      // Whether or not the client reads: who does not must not keep a call open that upstream has left.
      else if (this.#isRelaying() && this.#client !== undefined) this.#break(this.#client);
    };
    const { signal } = open.upstream;
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  }

  start(controller: Controller): void {
    this.#client = controller;
  }

  async pull(controller: Controller): Promise<void> {
    if (this.#phase === 'broken') return breakOff(controller);
    try {
      while (this.#phase === 'relaying') {
        const { done, value } = await this.#reader.read();
        if (done && this.#isRelaying()) this.#open.upstream.signal.throwIfAborted();
        const passed = done ? this.#flush() : this.#observe(value);
        if (!this.#isRelaying()) return;
        if (this.#open.cacheEntry !== null) capture(this.#open.cacheEntry.answer, passed);
        if (done || this.#open.tally.closed) await this.#settleForClient();
        if (!this.#isRelaying()) return;
        if (passed.length > 0) controller.enqueue(passed);
        if (done) {
          this.#end(judgeEnd(this.#open));
          controller.close();
        } else if (passed.length > 0) return;
      }
    } catch {
      if (this.#isRelaying()) this.#break(controller);
    }
  }

  /** The client left. A stream that had come to its closing mark, or to an error, is over; else its organization's choice rules. */
  cancel(): void {
    if (this.#phase !== 'relaying') return;
    const { tally, admitted, upstream } = this.#open;
    this.#open.isClientGone = true;
    const isOver = tally.closed || tally.errorCode !== null;
    if (!isOver && admitted.on_client_abort === 'drain') {
      this.#phase = 'draining';
      inBackground('drain', this.#drain());
      return;
    }
    this.#end(isOver ? judgeEnd(this.#open) : judgeAbort(this.#open));
    upstream.abort('client_closed');
  }

  #isRelaying(): boolean {
    return this.#phase === 'relaying';
  }

  #observe(chunk: Bytes): Bytes {
    this.#open.lastByteAt = performance.now();
    this.#proxy.connectWatch.noteAnswer(this.#base);
    if (this.#open.bodies !== null) capture(this.#open.bodies.response, chunk);
    const passed = this.#events.push(chunk);
    keepAnswer(this.#open, passed);
    this.#watchOutput(estimateOutputTokens(this.#open.tally));
    return passed;
  }

  /** Upstream's body is at its end, and its connection free for the next call. */
  #flush(): Bytes {
    this.#proxy.connectWatch.noteAnswer(this.#base);
    const passed = this.#events.flush();
    keepAnswer(this.#open, passed);
    return passed;
  }

  /** Before the closing mark goes on: its client may act on that, and not wait for the end. */
  async #settleForClient(): Promise<void> {
    if (isTight(this.#open))
      await settleForClient(this.#proxy, this.#open, this.#outcomeOf(judgeEnd(this.#open)), true);
  }

  #end(ending: Ending): void {
    this.#phase = 'over';
    inBackground('settle', settle(this.#proxy, this.#open, this.#outcomeOf(ending)));
  }

  #outcomeOf(ending: Ending): Outcome {
    return { ...ending, httpStatus: 200, charge: chargeOf(this.#open) };
  }

  #break(controller: Controller): void {
    const held = this.#events.flush();
    this.#end({ status: 'failed', errorCode: brokenCode(this.#open) });
    this.#phase = 'broken';
    // An error discards what is queued: the last bytes go first, the error at the next pull.
    if (held.length > 0) controller.enqueue(held);
    else breakOff(controller);
  }

  /** At once, whether or not the client reads. */
  #stop(error: AppError): void {
    if (this.#phase !== 'relaying' && this.#phase !== 'draining') return;
    const isClientThere = this.#phase === 'relaying';
    this.#end({ status: 'failed', errorCode: error.code });
    if (!isClientThere) return;
    this.#client?.enqueue(encoder.encode(errorEvent(error, this.#open.call, this.#open.tally.lastSequence)));
    this.#client?.close();
  }

  /** Hears upstream out without a client, within a bound, so that the usage is what upstream will bill. */
  async #drain(): Promise<void> {
    const { tally, upstream } = this.#open;
    const cancelBound = after(drainLimitMs(this.#open), () => upstream.abort('drain_limit'));
    let drained = 0;
    try {
      while (!tally.closed && drained < maxDrainBytes) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        drained += value.length;
        this.#observe(value);
      }
      this.#flush();
    } catch {
      // Upstream broke off or took too long: what was seen is what is charged.
    } finally {
      cancelBound();
    }
    if (this.#phase === 'draining') this.#end(judgeAbort(this.#open));
    upstream.abort('client_closed');
  }
}

function judgeEnd({ tally }: OpenCall): Ending {
  if (tally.errorCode !== null) return { status: 'failed', errorCode: tally.errorCode };
  if (tally.isBroken) return { status: 'failed', errorCode: 'malformed_upstream_response' };
  if (tally.ended || tally.usageIsFinal) return { status: 'succeeded' };
  return { status: 'failed', errorCode: 'upstream_disconnected' };
}

/** Official clients hang up on what they cannot read: it is not they who broke off. */
function judgeAbort(open: OpenCall): Ending {
  return open.tally.isBroken ? judgeEnd(open) : { status: 'aborted' };
}

/** An error in the place of an answer was no work; everything else is charged by what passed. */
function chargeOf({ tally }: OpenCall): Outcome['charge'] {
  return tally.errorCode !== null && tally.rawUsage === null && tally.pieces === 0 ? 'nothing' : 'seen';
}

function brokenCode({ upstream }: OpenCall): string {
  return upstream.signal.reason === 'upstream_timeout' ? 'upstream_timeout' : 'upstream_disconnected';
}

function breakOff(controller: Controller): void {
  controller.error(new AppError('upstream_disconnected'));
}
