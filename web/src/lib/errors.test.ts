import { expect, test } from 'vitest';
import { RequestError, requireSuccess, unwrap } from './errors.ts';

const refusal = {
  data: null,
  status: 402,
  error: { code: 'PT402', message: 'plan_limit_exceeded', details: '{"resource": "members", "limit": 2}' },
};

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('what SQL refuses keeps its code, its status and its data', () => {
  const error = thrownBy(() => unwrap(refusal));
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toMatchObject({
    code: 'plan_limit_exceeded',
    status: 402,
    details: { resource: 'members', limit: 2 },
  });
});

test('details that are not JSON are no reason to lose the code', () => {
  const error = thrownBy(() =>
    requireSuccess({ ...refusal, error: { ...refusal.error, details: 'oops {' } }),
  );
  expect(error).toMatchObject({ code: 'plan_limit_exceeded', details: {} });
});

test('a broken constraint is named', () => {
  const message = 'duplicate key value violates unique constraint "organizations_slug_unique"';
  const error = thrownBy(() =>
    unwrap({ data: null, status: 409, error: { code: '23505', message, details: null } }),
  );
  expect(error).toMatchObject({ code: '23505', details: { constraint: 'organizations_slug_unique' } });
});

test("a failed check is the input's fault, also where the server calls it its own", () => {
  const message =
    'PostgresError: new row for relation "organizations" violates check constraint "organizations_slug_format"';
  const error = thrownBy(() =>
    unwrap({ data: null, status: 500, error: { code: 'SUP', message, details: null } }),
  );
  expect(error).toMatchObject({
    code: '23514',
    status: 400,
    details: { constraint: 'organizations_slug_format' },
  });
});

test('no row is a 404, an empty list is not', () => {
  expect(thrownBy(() => unwrap({ data: null, error: null, status: 200 }))).toMatchObject({ status: 404 });
  expect(unwrap({ data: [], error: null, status: 200 })).toEqual([]);
  expect(unwrap({ data: false, error: null, status: 200 })).toBe(false);
});

test('no answer at all has the status 0', () => {
  const unreachable = {
    data: null,
    status: 0,
    error: { code: '', message: 'TypeError: fetch failed', details: '' },
  };
  expect(thrownBy(() => unwrap(unreachable))).toMatchObject({ code: 'unreachable', status: 0 });
});
