import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer as readWhole } from 'node:stream/consumers';
import type { App } from '@supabase/lite';
import { z } from 'zod';

/** How lite reaches the bytes of stored objects; its rows in schema `storage` say what there is. */
type StorageAdapter = NonNullable<App['_storageAdapter']>;

const Details = z.object({ contentType: z.string(), cacheControl: z.string(), eTag: z.string() });

/**
 * Stored objects as files: the bytes, and beside them what HTTP says of them. A file's name is the hash of the
 * object's, so that no name of an object leads out of the directory or is too long.
 */
export function storedFiles(directory: string): StorageAdapter {
  const fileOf = (bucket: string, key: string): string => {
    const hash = createHash('sha256')
      .update(JSON.stringify([bucket, key]))
      .digest('hex');
    return join(directory, hash.slice(0, 2), hash);
  };
  const remove = async (bucket: string, key: string): Promise<void> => {
    const file = fileOf(bucket, key);
    await Promise.all([rm(file, { force: true }), rm(`${file}.json`, { force: true })]);
  };
  const describe = async (file: string) => {
    const [{ size, mtime }, details] = await Promise.all([stat(file), readFile(`${file}.json`, 'utf8')]);
    const { contentType, cacheControl, eTag } = Details.parse(JSON.parse(details));
    return {
      cacheControl,
      eTag,
      size,
      contentLength: size,
      mimetype: contentType,
      lastModified: mtime,
      httpStatusCode: 200,
    };
  };
  return {
    driver: null,
    async uploadObject(bucket, key, _version, body, contentType, cacheControl) {
      const file = fileOf(bucket, key);
      await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
      const bytes = body instanceof Uint8Array ? body : await readWhole(body);
      const eTag = `"${createHash('md5').update(bytes).digest('hex')}"`;
      await writeFile(`${file}.json`, JSON.stringify({ contentType, cacheControl, eTag }));
      // Whoever reads meanwhile sees one or the other, never a part.
      await writeFile(`${file}.new`, bytes);
      await rename(`${file}.new`, file);
      return describe(file);
    },
    async getObject(bucket, key) {
      const file = fileOf(bucket, key);
      const [metadata, body] = await Promise.all([describe(file), readFile(file)]);
      return { metadata, body, httpStatusCode: 200 };
    },
    headObject: (bucket, key) => describe(fileOf(bucket, key)),
    deleteObject: remove,
    async deleteObjects(bucket, keys) {
      await Promise.all(keys.map((key) => remove(bucket, key)));
    },
    async copyObject(sourceBucket, source, _version, bucket, key) {
      const [from, to] = [fileOf(sourceBucket, source), fileOf(bucket, key)];
      await mkdir(join(to, '..'), { recursive: true, mode: 0o700 });
      await Promise.all([copyFile(from, to), copyFile(`${from}.json`, `${to}.json`)]);
      return describe(to);
    },
    privateAssetUrl: async (bucket, key) => `file://${fileOf(bucket, key)}`,
  };
}
