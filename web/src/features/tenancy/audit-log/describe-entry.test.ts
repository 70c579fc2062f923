import { describe, expect, test } from 'vitest';
import { changesOf, describeAction, describeSubject } from './describe-entry.ts';

const nobody = new Map<string, string>();
const entry = { subject_type: 'proxy_key', action: 'proxy_key.changed', before: null, after: null };

describe('an entry says what happened', () => {
  test.each([
    [{ action: 'proxy_key.created', after: { name: 'CI' } }, 'Proxy key created'],
    [{ before: { revoked_at: null }, after: { revoked_at: '2026-11-01' } }, 'Proxy key revoked'],
    [{ before: { name: 'CI' }, after: { name: 'CI 2' } }, 'Proxy key renamed'],
    [
      { before: { name: 'CI', expires_at: null }, after: { name: 'CI 2', expires_at: '2027' } },
      'Proxy key changed',
    ],
    [
      { subject_type: 'project', before: { archived_at: '2026-11-01' }, after: { archived_at: null } },
      'Project restored',
    ],
    [
      { subject_type: 'provider_credential', before: { is_active: true }, after: { is_active: false } },
      'Provider credential disabled',
    ],
    [
      { subject_type: 'project', before: { body_logging: 'none' }, after: { body_logging: 'full' } },
      'Project set to log full bodies',
    ],
    [{ subject_type: 'member', before: { role: 'member' }, after: { role: 'admin' } }, 'Member made admin'],
  ])('%j', (facts, words) => {
    expect(describeAction({ ...entry, ...facts })).toBe(words);
  });
});

describe('an entry names its subject as people named it', () => {
  test.each([
    [{ after: { name: 'Checkout', slug: 'x' } }, 'Checkout'],
    [{ after: { name: 'my_project' } }, 'my_project'],
    [{ subject_type: 'plan_override', after: { resource: 'ai_budget_usd_month' } }, 'AI budget a month'],
    [{ before: { email: 'ada@acme.test' } }, 'ada@acme.test'],
    [{ after: { role: 'admin' } }, 'id'],
    [{ subject_type: 'member', after: { name: 'never' } }, 'Former member'],
  ])('%j', (facts, name) => {
    expect(describeSubject({ ...entry, subject_id: 'id', ...facts }, nobody)).toBe(name);
  });

  const names = new Map([
    ['u1', 'Ada'],
    ['p1', 'Checkout'],
  ]);

  test('a member by their name', () => {
    expect(describeSubject({ ...entry, subject_type: 'member', subject_id: 'u1' }, names)).toBe('Ada');
  });

  test.each([
    ['p1', 'Checkout'],
    ['a tag', 'a tag'],
  ])('a limit by what it is of: %s', (scope_id, name) => {
    const limit = { ...entry, subject_type: 'rate_limit', subject_id: 'id', after: { scope_id } };
    expect(describeSubject(limit, names)).toBe(name);
  });
});

test('only fields that differ are changes; what is null counts as absent', () => {
  const before = { organization_id: 'o', name: 'Old', archived_at: null, tags: ['a'], role: 'member' };
  const after = { name: 'New', archived_at: '2026-11-01', tags: ['a'], note: null };
  expect(changesOf({ before, after })).toEqual([
    { field: 'name', before: 'Old', after: 'New' },
    { field: 'archived_at', before: undefined, after: '2026-11-01' },
    { field: 'role', before: 'member', after: undefined },
  ]);
});
