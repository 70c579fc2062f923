import { join, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import type { Functions } from './functions.ts';

/** Restarts a function when its folder changes, all of them when what they share does. @returns what ends it */
export function watchFunctions(options: {
  supabaseDir: string;
  functions: Functions;
  progress: (message: string) => void;
}): () => Promise<void> {
  const directory = join(options.supabaseDir, 'functions');
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const restart = () => {
    const slugs = [...changed];
    changed.clear();
    const isShared = slugs.some((slug) => slug.startsWith('_') || slug.includes('.'));
    options.progress(`Restarting ${isShared ? 'all functions' : slugs.join(', ')}`);
    const restarts = isShared
      ? [options.functions.restart()]
      : slugs.map((slug) => options.functions.restart(slug));
    void Promise.all(restarts).catch(() => {});
  };
  const watcher = watch(directory, {
    ignoreInitial: true,
    ignored: /(^|[/\\])(node_modules|\.git|.*\.test\.ts)$/,
  });
  watcher.on('all', (_event, path) => {
    changed.add(relative(directory, path).split(sep)[0] ?? '');
    clearTimeout(timer);
    timer = setTimeout(restart, 100);
  });
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
