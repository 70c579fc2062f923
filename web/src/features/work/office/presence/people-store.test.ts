import { expect, test } from 'vitest';
import { pageName } from './page-name.ts';
import { mergeTabs, noteMove, vectorOf } from './people-store.ts';

const tab = (page: string, is_away = false) => ({
  user_id: 'ada',
  page,
  is_away,
  is_in_office: page === 'Office',
});

test('[OFV20] one person in several tabs is one person, where they are active', () => {
  expect(mergeTabs([tab('Office', true), tab('Usage')])).toEqual([
    { userId: 'ada', page: 'Usage', isAway: false, isInOffice: false },
  ]);
  expect(mergeTabs([tab('Usage'), tab('Office')]).map(({ page }) => page)).toEqual(['Office']);
  expect(mergeTabs([tab('Usage', true), tab('Prices', true)])).toHaveLength(1);
});

test('[OFV21] a page is told by its name, never by what is open on it', () => {
  expect(pageName('/acme')).toBe('Overview');
  expect(pageName('/acme/usage/1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed')).toBe('Usage');
  expect(pageName('/profile')).toBe('Profile');
  expect(pageName('/acme/something')).toBe('Another page');
});

test('[OFV22] a message that is none moves nobody', () => {
  expect(noteMove({ user_id: 'ada', x: 1, y: 2, vx: 0, vy: 0, at: 5 })).toBe(true);
  expect(noteMove({ user_id: 'ada', x: 5000, y: 2, vx: 0, vy: 0, at: 6 })).toBe(false);
  expect(noteMove(null)).toBe(false);
  expect(vectorOf('ada')).toEqual({ x: 1, y: 2, vx: 0, vy: 0, atMs: 5 });
});
