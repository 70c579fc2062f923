import type { TLAssetStore } from 'tldraw';
import { BoardImage, ImageType, type UploadImage, UploadedImage } from '@contracts/whiteboard.ts';
import { callFunction } from '@/lib/api.ts';
import { supabase } from '@/lib/supabase.ts';
import { notifyError } from '@/ui/notify.ts';

const signedForMs = 50 * 60_000;

/** Where images of a board are: in storage, by addresses that the function signs for members. */
export function imageStore(boardId: string): TLAssetStore {
  const known = new Map<string, { url: Promise<string>; until: number }>();
  const sign = async (path: string): Promise<string> => {
    const body = { boardId, path };
    return (await callFunction({ path: '/whiteboard/images/sign', method: 'POST', body, answer: BoardImage }))
      .url;
  };
  return {
    upload: async (_asset, file) => {
      try {
        return { src: `asset:${await upload(boardId, file)}` };
      } catch (error) {
        // tldraw says only that it failed.
        notifyError(error);
        throw error;
      }
    },
    resolve: ({ props }) => {
      const path =
        'src' in props && typeof props.src === 'string' ? /^asset:(.+)$/.exec(props.src)?.[1] : undefined;
      if (path === undefined) return 'src' in props && typeof props.src === 'string' ? props.src : null;
      const found = known.get(path);
      if (found !== undefined && found.until > Date.now()) return found.url;
      const url = sign(path);
      known.set(path, { url, until: Date.now() + signedForMs });
      url.catch(() => known.delete(path));
      return url;
    },
  };
}

/** Answers its path. */
async function upload(boardId: string, file: File): Promise<string> {
  const body: UploadImage = { boardId, type: ImageType.parse(file.type), bytes: file.size };
  const { bucket, path, token } = await callFunction({
    path: '/whiteboard/images',
    method: 'POST',
    body,
    answer: UploadedImage,
  });
  const { error } = await supabase()
    .storage.from(bucket)
    .uploadToSignedUrl(path, token, file, { contentType: file.type });
  if (error) throw error;
  return path;
}
