import { expect, test } from 'vitest';
import { changesOf, describeAction, describeSubject } from './describe-entry.ts';

test('an entry names its subject as people named it', () => {
  expect(describeAction({ subject_type: 'proxy_key', action: 'proxy_key.created' })).toBe(
    'Proxy key created',
  );
  expect(describeSubject({ before: null, after: { name: 'Checkout', slug: 'x' }, subject_id: 'id' })).toBe(
    'Checkout',
  );
  expect(describeSubject({ before: { email: 'ada@acme.test' }, after: null, subject_id: 'id' })).toBe(
    'ada@acme.test',
  );
  expect(describeSubject({ before: null, after: { role: 'admin' }, subject_id: 'id' })).toBe('id');
});

test('only fields that differ are changes; what is null counts as absent', () => {
  const before = { name: 'Old', archived_at: null, tags: ['a'], role: 'member' };
  const after = { name: 'New', archived_at: '2026-11-01', tags: ['a'], note: null };
  expect(changesOf({ before, after })).toEqual([
    { field: 'name', before: 'Old', after: 'New' },
    { field: 'archived_at', before: undefined, after: '2026-11-01' },
    { field: 'role', before: 'member', after: undefined },
  ]);
});
