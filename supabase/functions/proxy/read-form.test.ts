import { expect, test } from 'vitest';
import { readForm } from './read-form.ts';

const encode = (text: string) => new TextEncoder().encode(text);

async function formOf(parts: Record<string, string | Blob>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) form.append(name, value);
  const request = new Request('http://x', { method: 'POST', body: form });
  const bytes = new Uint8Array(await request.arrayBuffer());
  return { bytes, form: readForm(request.headers.get('content-type') ?? '', bytes) };
}

test('texts are read, with where they stand; files are only measured', async () => {
  const file = new Blob([new Uint8Array(1000).fill(13), '\r\n--no boundary\r\n'], { type: 'audio/wav' });
  const { bytes, form } = await formOf({
    file,
    model: 'openai/whisper-1',
    prompt: 'Grüße\r\n\r\n🙂',
    language: '',
  });
  expect(form.fields).toEqual({ model: 'openai/whisper-1', prompt: 'Grüße\r\n\r\n🙂', language: '' });
  expect([form.files, form.fileBytes]).toEqual([1, file.size]);
  const { start, end } = form.members.get('model') ?? { start: 0, end: 0 };
  expect(new TextDecoder().decode(bytes.subarray(start, end))).toBe('openai/whisper-1');
});

test('a boundary in quotes, text before the first part and after the last', () => {
  const text =
    'preamble\r\n--a b\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--a b--\r\nepilogue';
  expect(readForm('multipart/form-data; boundary="a b"', encode(text)).fields).toEqual({ model: 'm' });
});

const namesModel = 'content-disposition: form-data; name="model"\r\n\r\n';

test.each([
  [
    'two boundaries',
    'multipart/form-data; boundary=b; boundary=c',
    `--b\r\n${namesModel}m\r\n--b--`,
    'invalid_request',
  ],
  [
    'two names',
    'multipart/form-data; boundary=b',
    `--b\r\n${namesModel.replace(';', '; name="x";')}m\r\n--b--`,
    'invalid_request',
  ],
  [
    'its model as a file too',
    'multipart/form-data; boundary=b',
    `--b\r\n${namesModel}m\r\n--b\r\n${namesModel.replace('"\r', '"; filename="f"\r')}n\r\n--b--`,
    'duplicate_member',
  ],
  ['no boundary', 'multipart/form-data', `--b\r\n${namesModel}m\r\n--b--`, 'invalid_request'],
  ['broken off', 'multipart/form-data; boundary=b', `--b\r\n${namesModel}m`, 'invalid_request'],
  ['no part', 'multipart/form-data; boundary=b', 'nothing', 'invalid_request'],
  [
    'no name',
    'multipart/form-data; boundary=b',
    '--b\r\ncontent-type: text/plain\r\n\r\nm\r\n--b--',
    'invalid_request',
  ],
  [
    'its model twice',
    'multipart/form-data; boundary=b',
    `--b\r\n${namesModel}m\r\n--b\r\n${namesModel}n\r\n--b--`,
    'duplicate_member',
  ],
])('%s is refused', (_name, contentType, text, code) => {
  expect(() => readForm(contentType, encode(text))).toThrowError(expect.objectContaining({ code }));
});
