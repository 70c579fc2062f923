/** Text that jsonb accepts: no NUL, no lone surrogates; trimmed and cut to `maxLength`. Nothing left is null. */
export function cleanText(value: unknown, maxLength: number): string | null {
  const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  if (text === '') return null;
  const cut = text.length > maxLength * 2 ? text.slice(0, maxLength * 2) : text;
  const cleaned = cut.toWellFormed().replaceAll(control, '').trim().slice(0, maxLength).toWellFormed();
  return cleaned === '' ? null : cleaned;
}

/** True when the value may be stored as jsonb verbatim. */
export function isStorable(value: unknown): boolean {
  try {
    const text = JSON.stringify(value);
    return text === undefined || (text.length <= maxJsonLength && !unstorable.test(text));
  } catch {
    // Nested beyond what can be written at all.
    return false;
  }
}

const maxJsonLength = 16_384;
// oxlint-disable-next-line no-control-regex -- control characters are what it removes
const control = /[\u0000-\u001f\u007f]/g;
/** `JSON.stringify` writes NUL and lone surrogates as escapes, and nothing else below or among them so. */
const unstorable = /\\u0000|\\ud[89a-f]/i;
