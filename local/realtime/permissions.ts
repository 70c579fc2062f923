import type { Caller, Extension, RealtimeDatabase, WriteExtension } from './realtime-database.ts';

/** What one channel may read and write. It is asked once, and again when its token changes. */
export type Permissions = {
  /** undefined where it was not asked */
  reads: (extension: Extension) => boolean | undefined;
  writes: (extension: WriteExtension) => boolean | undefined;
  /** @throws DatabaseRefusal */
  askRead: (extensions: readonly Extension[]) => Promise<void>;
  /** @throws DatabaseRefusal */
  askWrite: (extension: WriteExtension) => Promise<boolean>;
  /** Asks anew what was read until now, for someone with other claims. @throws DatabaseRefusal */
  renew: (caller: Caller) => Promise<void>;
};

/** A public topic is everyone's, and nobody is asked. */
export const PUBLIC: Permissions = {
  reads: () => true,
  writes: (extension) => extension !== 'persistence',
  askRead: async () => {},
  askWrite: async (extension) => extension !== 'persistence',
  renew: async () => {},
};

/** What a channel hears now. */
export function hearing({ reads }: Permissions): { broadcast: boolean; presence: boolean } {
  return { broadcast: reads('broadcast') === true, presence: reads('presence') === true };
}

export function createPermissions(database: RealtimeDatabase, topic: string, first: Caller): Permissions {
  const reads = new Map<Extension, boolean>();
  const writes = new Map<WriteExtension, boolean>();
  let caller = first;
  const askRead = async (extensions: readonly Extension[]): Promise<void> => {
    const { read } = await database.authorize(topic, caller, { read: extensions });
    for (const [index, extension] of extensions.entries()) reads.set(extension, read[index] === true);
  };
  return {
    reads: (extension) => reads.get(extension),
    writes: (extension) => writes.get(extension),
    askRead,
    askWrite: async (extension) => {
      const known = writes.get(extension);
      if (known !== undefined) return known;
      const { write } = await database.authorize(topic, caller, { write: [extension] });
      writes.set(extension, write[0] === true);
      return write[0] === true;
    },
    renew: async (other) => {
      caller = other;
      writes.clear();
      await askRead([...reads.keys()]);
    },
  };
}
