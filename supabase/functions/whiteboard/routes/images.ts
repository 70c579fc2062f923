import type { Hono } from 'hono';
import { SignImage, UploadImage } from '../../_shared/contracts/whiteboard.ts';
import { readBody } from '../../_shared/create-app.ts';
import { connectAsService, unwrap } from '../../_shared/db.ts';
import { AppError } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import type { WhiteboardEnv } from '../env.ts';

const bucket = 'board-images';
const signedForSeconds = 3600;
/** As made below: nothing in it that an address could take for a way up. */
const uploaded = /^[0-9a-f-]{36}\/[0-9a-f-]{36}\/[0-9a-f-]{36}\.[a-z]{3,4}$/;

/** Images go to storage and come from there by signed addresses, which members of the board get. */
export function addImageRoutes(
  app: Hono,
  env: WhiteboardEnv,
  identify: (request: Request) => Promise<string>,
): void {
  app.post('/images', async (c) => {
    const userId = await identify(c.req.raw);
    const { boardId, type } = await readBody(c.req.raw, UploadImage);
    const db = connectAsService(env);
    const organizationId = unwrap(
      await db.rpc('admit_board_image', { board_id: boardId, user_id: userId, is_upload: true }),
    );
    const path = `${organizationId}/${boardId}/${crypto.randomUUID()}.${type.slice('image/'.length)}`;
    const signed = await db.storage.from(bucket).createSignedUploadUrl(path);
    if (signed.error) throw signed.error;
    return answerData({ bucket, path, token: signed.data.token }, 201);
  });

  app.post('/images/sign', async (c) => {
    const userId = await identify(c.req.raw);
    const { boardId, path } = await readBody(c.req.raw, SignImage);
    const db = connectAsService(env);
    const organizationId = unwrap(
      await db.rpc('admit_board_image', { board_id: boardId, user_id: userId, is_upload: false }),
    );
    // The path came from a record that any member may write, and storage is asked with the service's key.
    if (!path.startsWith(`${organizationId}/${boardId}/`) || !uploaded.test(path))
      throw new AppError('not_found');
    const signed = await db.storage.from(bucket).createSignedUrl(path, signedForSeconds);
    if (signed.error) throw new AppError('not_found');
    return answerData({ url: new URL(signed.data.signedUrl, env.SUPABASE_URL).href });
  });
}
