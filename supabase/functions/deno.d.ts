/**
 * The part of Deno that `index.ts` and `_shared/env.ts` may use, for `tsc`, which also checks the tests beside the
 * sources; `deno check` has the real types and never reads this file.
 */
declare namespace Deno {
  const version: { deno: string };
  const env: {
    get(name: string): string | undefined;
    toObject(): Record<string, string>;
  };

  interface ServeHandlerInfo {
    remoteAddr: { transport: 'tcp' | 'udp'; hostname: string; port: number };
    completed: Promise<void>;
  }

  interface HttpServer {
    finished: Promise<void>;
    shutdown(): Promise<void>;
  }

  type ServeHandler = (request: Request, info: ServeHandlerInfo) => Response | Promise<Response>;

  function addSignalListener(signal: 'SIGINT' | 'SIGTERM', handler: () => void): void;
  const pid: number;
  function kill(pid: number, signal: 'SIGKILL'): void;
  function exit(code?: number): never;
  function serve(handler: ServeHandler): HttpServer;
}
