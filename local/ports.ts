import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from './free-port.ts';

const Ports = z.object({ postgres: z.number(), smtp: z.number(), mail: z.number() });
export type Ports = z.infer<typeof Ports>;

/** The ports behind the origin: the same at every start as long as nobody else has taken them. */
export async function openPorts(dataDir: string): Promise<Ports> {
  const file = join(dataDir, 'ports.json');
  const known = existsSync(file) ? Ports.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
  const ports = {
    postgres: await freePort(known?.postgres),
    smtp: await freePort(known?.smtp),
    mail: await freePort(known?.mail),
  };
  writeFileSync(file, JSON.stringify(ports));
  return ports;
}
