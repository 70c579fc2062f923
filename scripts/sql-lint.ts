import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { splitStatements } from '../local/split-statements.ts';
import { repositoryRoot } from './run-command.ts';

type Finding = { line: number; message: string };

/** `text` has no comments and no dollar-quoted bodies, is lower case outside quotes and has single spaces. */
type Statement = { text: string; source: string; line: number };

type Rule = (statement: Statement, all: Statement[]) => string[];

const rules: Rule[] = [
  tableReadsWhole,
  constraintsAreNamed,
  functionsPinTheirPath,
  definersGiveReason,
  policiesAreSentences,
];

/** What the house wants of a migration and no SQL linter knows. A table's chapter is in one file. */
export function lintSql(script: string): Finding[] {
  const all = splitStatements(script).map(({ text, offset }): Statement => ({
    text: normalize(text),
    source: text,
    line: lineAt(script, offset),
  }));
  return all.flatMap((statement) =>
    rules.flatMap((rule) => rule(statement, all).map((message) => ({ line: statement.line, message }))),
  );
}

function tableReadsWhole({ text }: Statement, all: Statement[]): string[] {
  const table = createdTable(text);
  if (table === undefined || /^create temp|\bpartition of\b/.test(text)) return [];
  const has = (start: string): boolean => all.some((other) => other.text.startsWith(start));
  return [
    ...(/^(?:public|private)\./.test(table) ? [] : [`table ${table} names no schema`]),
    ...(has(`comment on table ${table} `) ? [] : [`table ${table} has no comment`]),
    ...(has(`alter table ${table} enable row level security`)
      ? []
      : [`table ${table} has no row level security`]),
  ];
}

function constraintsAreNamed({ text }: Statement): string[] {
  const table = createdTable(text)?.replace(/^.*\./, '');
  if (table === undefined) return [];
  const nameless = [...text.matchAll(/(constraint \S+ )?\b(?:check|unique|foreign key) ?\(/g)];
  const strangers = [...text.matchAll(/\bconstraint (\S+)/g)].flatMap(([, name = '']) =>
    name.startsWith(`${table}_`) ? [] : [name],
  );
  return [
    ...nameless
      .filter(([, name]) => name === undefined)
      .map(([kind]) => `a ${kind}…) of ${table} has no name`),
    ...strangers.map((name) => `constraint ${name} should be called ${table}_…`),
  ];
}

function functionsPinTheirPath({ text }: Statement): string[] {
  const name = createdFunction(text);
  return name === undefined || text.includes("set search_path = ''")
    ? []
    : [`${name} has no set search_path = ''`];
}

function definersGiveReason({ text, source }: Statement): string[] {
  const name = createdFunction(text);
  if (name === undefined || !text.includes('security definer')) return [];
  return /--\s*definer: \S/.test(source)
    ? []
    : [`${name} is security definer and has no line "-- definer: why"`];
}

function policiesAreSentences({ text }: Statement): string[] {
  const [, name] = /^create policy (".*?"|\S+) on /.exec(text) ?? [];
  if (name === undefined) return [];
  const isPublic = name.startsWith('"everyone ') && text.includes(' for select ');
  return [
    ...(/^".* .*"$/.test(name) ? [] : [`policy ${name} is not named by a sentence`]),
    ...(/ for (?:select|insert|update|delete) /.test(text) ? [] : [`policy ${name} is not for one command`]),
    ...(/ to \w/.test(text) ? [] : [`policy ${name} names no role`]),
    ...(!/using \(true\)|check \(true\)/.test(text) || isPublic
      ? []
      : [`policy ${name} lets anyone in without saying "everyone"`]),
  ];
}

const createdTable = (text: string): string | undefined =>
  /^create (?:temp |temporary |unlogged )?table (?:if not exists )?([^\s(]+)/.exec(text)?.[1];

const createdFunction = (text: string): string | undefined =>
  /^create (?:or replace )?(?:function|procedure) ([^\s(]+)/.exec(text)?.[1];

function normalize(statement: string): string {
  const pieces = /--[^\n]*|\/\*[^]*?\*\/|\s+|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[^]*?\1|[^\s'"$/-]+|./g;
  const words = statement.replace(pieces, (piece, dollar: string | undefined) => {
    if (/^(?:--|\/\*|\s)/.test(piece)) return ' ';
    if (dollar !== undefined) return `${dollar}…${dollar}`;
    return /^['"]/.test(piece) ? piece : piece.toLowerCase();
  });
  return words.replace(/ +/g, ' ').trim();
}

const lineAt = (script: string, offset: number): number =>
  Array.from(script).slice(0, offset).join('').split('\n').length;

if (import.meta.main) {
  const directory = path.join('supabase', 'migrations');
  const files = readdirSync(path.join(repositoryRoot, directory)).filter((file) => file.endsWith('.sql'));
  const findings = files.flatMap((file) => {
    const script = readFileSync(path.join(repositoryRoot, directory, file), 'utf8');
    return lintSql(script).map(({ line, message }) => `${path.join(directory, file)}:${line} ${message}`);
  });
  for (const finding of findings) console.error(finding);
  if (files.length === 0) console.error(`${directory} has no migrations`);
  process.exitCode = findings.length > 0 || files.length === 0 ? 1 : 0;
}
