/** Why this cannot be an alias, or null; the database's own rule. */
export function explainName(text: string): string | null {
  const name = text.trim();
  if (name === '') return 'Give it a name.';
  if (/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/.test(name)) return null;
  return 'Letters, digits, dots, hyphens, colons and underscores, at most 100, beginning with a letter or digit.';
}
