/** A name as a file may have it, without its ending: letters and digits of any script, and nothing that means something to a file system. */
export function toFileName(name: string): string {
  const words = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 60)
    .replace(/^-|-$/g, '');
  return words === '' ? 'report' : words;
}
