import { z } from 'zod';

const Signed = z.looseObject({ signedUrl: z.string() });

/** lite answers addresses that it signed under names of its own; here they are as hosted Storage spells them. */
export async function spellSignedUrl(request: Request, response: Response): Promise<Response> {
  const { pathname } = new URL(request.url);
  const kind = /^\/storage\/v1\/object\/(upload\/sign|sign)\/[^/]+\/./.exec(pathname)?.[1];
  if (kind === undefined || request.method !== 'POST' || !response.ok) return response;
  const { signedUrl, ...answer } = Signed.parse(await response.json());
  const url = signedUrl.replace(/^\/storage\/v1/, '');
  return Response.json(kind === 'sign' ? { ...answer, signedURL: url } : { ...answer, url }, {
    status: response.status,
  });
}
