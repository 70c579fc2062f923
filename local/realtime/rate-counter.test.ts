import { expect, test } from 'vitest';
import { createRateCounter } from './rate-counter.ts';

test('[RTL1] a burst passes up to what a minute may have, and comes back as its seconds leave the minute', () => {
  let seconds = 1000;
  const counter = createRateCounter(2, () => seconds * 1000);
  expect(counter.take(120)).toBe(true);
  expect(counter.take()).toBe(false);
  seconds += 59;
  expect(counter.take()).toBe(false);
  seconds += 1;
  expect(counter.take(121)).toBe(false);
  expect(counter.take(120)).toBe(true);
});

test('[RTL2] what is refused is not counted', () => {
  const counter = createRateCounter(1, () => 0);
  expect(counter.take(61)).toBe(false);
  expect(counter.take(60)).toBe(true);
});

test('[RTL3] after a long pause, and after a clock that went back, it counts on', () => {
  let seconds = 1000;
  const counter = createRateCounter(1, () => seconds * 1000);
  for (let round = 0; round < 3; round++) {
    seconds += 1_000_000;
    expect(counter.take(60)).toBe(true);
    expect(counter.take()).toBe(false);
  }
  seconds -= 500;
  expect(counter.take()).toBe(false);
});
