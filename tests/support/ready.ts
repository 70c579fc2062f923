import { readReadyFile, type Ready } from '../../scripts/ready-file.ts';

let ready: Ready | undefined;

/** The stack that this run's tests share. `npm test` starts one; a running one is named by STACK_READY_FILE. */
export function readReady(): Ready {
  const file = process.env['STACK_READY_FILE'];
  if (file === undefined)
    throw new Error('STACK_READY_FILE is not set: run `npm test`, or name a running stack.');
  ready ??= readReadyFile(file);
  return ready;
}
