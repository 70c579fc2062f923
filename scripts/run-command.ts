import { spawn } from 'node:child_process';
import path from 'node:path';

export type CommandResult = { code: number; output: string };

type Options = {
  cwd?: string;
  env?: Record<string, string | undefined>;
  input?: string;
  /** What is collected of its output; `nothing` passes all of it through, `errors` does and collects stderr. */
  keep?: 'all' | 'stdout' | 'nothing' | 'errors';
};

/** Runs a program to its end. A missing program is code 127. */
export function runCommand(command: string, args: string[], options: Options = {}): Promise<CommandResult> {
  return new Promise((resolve) => {
    const keep = options.keep ?? 'all';
    const collectsStdout = keep === 'all' || keep === 'stdout';
    const child = spawn(command, args, {
      cwd: options.cwd ?? repositoryRoot,
      env: { ...process.env, PATH: pathWithBinaries(), ...options.env },
      stdio: ['pipe', collectsStdout ? 'pipe' : 'inherit', keep === 'nothing' ? 'inherit' : 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout?.on('data', collect);
    // Read in any case: a program whose pipe is full waits.
    child.stderr?.on('data', (chunk: Buffer) => {
      if (keep !== 'stdout') collect(chunk);
      if (keep === 'errors') process.stderr.write(chunk);
    });
    child.on('error', (error) => resolve({ code: 127, output: `${command}: ${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
    child.stdin?.end(options.input ?? '');
  });
}

export const repositoryRoot = path.resolve(import.meta.dirname, '..');

/** The pinned tools come first, also when a script is run without npm. */
export function pathWithBinaries(): string {
  return [path.join(repositoryRoot, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(path.delimiter);
}
