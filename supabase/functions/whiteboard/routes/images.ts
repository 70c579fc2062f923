import type { Hono } from 'hono';
import { SignImage, UploadImage } from '../../_shared/contracts/whiteboard.ts';
import { readBody } from '../../_shared/create-app.ts';
import { connectAsService, unwrap } from '../../_shared/db.ts';
import { AppError } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import type { WhiteboardEnv } from '../env.ts';

export const imageBucket = 'board-images';
const signedForSeconds = 3600;
/** As the database makes them: nothing in it that an address could take for a way up. */
const uploaded = /^[0-9a-f-]{36}\/[0-9a-f-]{36}\/[0-9a-f-]{36}\.[a-z]{3,4}$/;

/** Images go to storage and come from there by signed addresses, which members of the board get. */
export function addImageRoutes(
  app: Hono,
  env: WhiteboardEnv,
  identify: (request: Request) => Promise<string>,
): void {
  app.post('/images', async (c) => {
    const userId = await identify(c.req.raw);
    const { boardId, type, bytes } = await readBody(c.req.raw, UploadImage);
    const db = connectAsService(env);
    const image = { board_id: boardId, user_id: userId, type: type.slice('image/'.length), bytes };
    const path = unwrap(await db.rpc('begin_board_image', image));
    const signed = await db.storage.from(imageBucket).createSignedUploadUrl(path);
    if (signed.error) throw signed.error;
    return answerData({ bucket: imageBucket, path, token: signed.data.token }, 201);
  });

  app.post('/images/sign', async (c) => {
    const userId = await identify(c.req.raw);
    const { boardId, path } = await readBody(c.req.raw, SignImage);
    const db = connectAsService(env);
    const organizationId = unwrap(await db.rpc('admit_board_image', { board_id: boardId, user_id: userId }));
    // The path came from a record that any member may write, and storage is asked with the service's key.
    if (!path.startsWith(`${organizationId}/${boardId}/`) || !uploaded.test(path))
      throw new AppError('not_found');
    const signed = await db.storage.from(imageBucket).createSignedUrl(path, signedForSeconds);
    if (signed.error) throw new AppError('not_found');
    return answerData({ url: new URL(signed.data.signedUrl, env.SUPABASE_URL).href });
  });
}
