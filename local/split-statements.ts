export type Statement = {
  text: string;
  /** In characters (code points), as PostgreSQL counts positions. */
  offset: number;
};

/** Splits SQL at the semicolons that end statements: outside quotes, comments, dollar quotes and SQL bodies. */
export function splitStatements(sql: string): Statement[] {
  const characters = [...sql];
  const statements: Statement[] = [];
  let start = 0;
  const push = (end: number) => {
    const statement = trimmed(characters, start, end);
    if (statement) statements.push(statement);
    start = end + 1;
  };
  let depth = 0;
  for (let at = 0; at < characters.length;) {
    const skipped = skip(characters, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const word = wordAt(characters, at);
    if (word !== '') {
      depth += bodyDepth(word, depth, characters, at);
      at += word.length;
      continue;
    }
    if (characters[at] === ';' && depth === 0) push(at);
    at += 1;
  }
  push(characters.length);
  return statements;
}

/** `begin atomic … end` holds statements of its own, and `case … end` may stand in it. */
function bodyDepth(word: string, depth: number, characters: string[], at: number): number {
  const lower = word.toLowerCase();
  if (lower === 'begin' && /^\s+atomic\b/i.test(characters.slice(at + 5, at + 40).join(''))) return 1;
  if (depth > 0 && lower === 'case') return 1;
  if (depth > 0 && lower === 'end') return -1;
  return 0;
}

/** The position behind the comment or quotation that begins here, or this position. */
function skip(characters: string[], at: number): number {
  const pair = `${characters[at]}${characters[at + 1] ?? ''}`;
  if (pair === '--') return indexAfter(characters, at, '\n');
  if (pair === '/*') return skipComment(characters, at);
  if (characters[at] === '"') return skipQuoted(characters, at, '"', false);
  if (characters[at] === "'") return skipQuoted(characters, at, "'", /[eE]/.test(characters[at - 1] ?? ''));
  if (characters[at] !== '$') return at;
  const tag = /^\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(
    characters.slice(at, at + 70).join(''),
  )?.[0];
  return tag === undefined ? at : indexAfter(characters, at + tag.length, tag);
}

function skipComment(characters: string[], from: number): number {
  let depth = 0;
  for (let at = from; at < characters.length; at++) {
    const pair = `${characters[at]}${characters[at + 1] ?? ''}`;
    if (pair === '/*') depth += 1;
    if (pair === '*/') depth -= 1;
    if (pair === '/*' || pair === '*/') at += 1;
    if (depth === 0) return at + 1;
  }
  return characters.length;
}

function skipQuoted(characters: string[], from: number, quote: string, hasEscapes: boolean): number {
  for (let at = from + 1; at < characters.length; at++) {
    if (hasEscapes && characters[at] === '\\') at += 1;
    else if (characters[at] === quote && characters[at + 1] === quote) at += 1;
    else if (characters[at] === quote) return at + 1;
  }
  return characters.length;
}

function indexAfter(characters: string[], from: number, end: string): number {
  for (let at = from; at < characters.length; at++) {
    if (characters[at] === end[0] && characters.slice(at, at + end.length).join('') === end)
      return at + end.length;
  }
  return characters.length;
}

function wordAt(characters: string[], at: number): string {
  let end = at;
  while (end < characters.length && /[\w\u0080-\uffff$]/.test(characters[end] ?? '')) {
    if (characters[end] === '$' && end === at) break;
    end += 1;
  }
  return characters.slice(at, end).join('');
}

/** Without what surrounds a statement, comments included, so that its offset is that of its first word. */
function trimmed(characters: string[], from: number, to: number): Statement | undefined {
  let start = from;
  while (start < to) {
    const isComment = /^(--|\/\*)/.test(`${characters[start]}${characters[start + 1] ?? ''}`);
    if (!isComment && !/\s/.test(characters[start] ?? '')) break;
    start = isComment ? skip(characters, start) : start + 1;
  }
  const text = characters.slice(start, to).join('').trimEnd();
  return text === '' ? undefined : { text, offset: start };
}
