import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export type FullListener = { port: number; end: () => void };

const program = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  console.log(this.address().port);
})`;

/**
 * A port on this machine that lets nobody in and turns nobody away, like a host that is gone: its process is stopped,
 * and all there is room for is waiting at its door. Linux only; elsewhere a full port refuses.
 */
export async function startFullListener(): Promise<FullListener> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  const port = Number(String(said));
  child.kill('SIGSTOP');
  const waiting = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  // Those that do not get in ask again for minutes.
  await wait(200);
  return {
    port,
    end: () => {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}
