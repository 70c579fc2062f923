import { type JsonObject, listOf, objectOf, textOf } from '../json-object.ts';
import { invalid, unsupported } from './unsupported.ts';

export type Block = JsonObject;

/** A message's content as blocks. Blank texts are left out: Anthropic refuses them, and they say nothing. */
export function translateContent(content: unknown, path: string): Block[] {
  if (content === null || content === undefined) return [];
  if (typeof content === 'string') return textBlocks(content);
  if (!Array.isArray(content)) throw invalid(path, 'must be a text or a list of parts.');
  return listOf(content).flatMap((part, index) => translatePart(objectOf(part), `${path}[${index}]`));
}

function translatePart(part: JsonObject, path: string): Block[] {
  const cache = part.cache_control === undefined ? {} : { cache_control: part.cache_control };
  switch (part.type) {
    case 'text':
    case 'refusal':
      return textBlocks(part.text ?? part.refusal, cache);
    case 'image_url':
      return [
        { type: 'image', source: imageSource(objectOf(part.image_url).url, `${path}.image_url`), ...cache },
      ];
    case 'file':
      return [{ ...translateFile(objectOf(part.file), `${path}.file`), ...cache }];
    case 'input_audio':
      throw unsupported(`${path}.input_audio`, 'Claude hears no audio.');
    default:
      throw unsupported(`${path}.type`, 'Send text, image_url or file parts.');
  }
}

export function textBlocks(text: unknown, more: JsonObject = {}): Block[] {
  return typeof text === 'string' && text.trim() !== '' ? [{ type: 'text', text, ...more }] : [];
}

function imageSource(value: unknown, path: string): JsonObject {
  const url = textOf(value) ?? '';
  if (url.startsWith('https://')) return { type: 'url', url };
  const data = readDataUrl(url);
  if (data === null) throw invalid(path, 'must be an https: URL or a data: URL in base64.');
  return { type: 'base64', media_type: data.mediaType, data: data.base64 };
}

function translateFile(file: JsonObject, path: string): Block {
  if (file.file_id !== undefined) throw unsupported(`${path}.file_id`, 'Send the file itself as file_data.');
  const data = readDataUrl(textOf(file.file_data) ?? '');
  if (data?.mediaType !== 'application/pdf') {
    throw unsupported(`${path}.file_data`, 'Send a PDF as a data: URL in base64.');
  }
  const title = textOf(file.filename);
  const source = { type: 'base64', media_type: data.mediaType, data: data.base64 };
  return { type: 'document', source, ...(title !== null && { title }) };
}

function readDataUrl(url: string): { mediaType: string; base64: string } | null {
  const comma = url.indexOf(',');
  const mediaType = /^data:([^;,]+);base64$/.exec(url.slice(0, comma))?.[1];
  if (mediaType === undefined) return null;
  // OpenAI takes this name of JPEG, too.
  return { mediaType: mediaType === 'image/jpg' ? 'image/jpeg' : mediaType, base64: url.slice(comma + 1) };
}
