import { ActionIcon, SegmentedControl, Slider } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { formatUsd, lengthOfUsd, type Usd } from '@/lib/money.ts';
import { type OfficeHistory, spentAt } from '../life/office-history.ts';
import classes from '../office.module.css';
import { type ReplayClock, speeds } from './use-replay-clock.ts';

type ReplayBarProps = {
  replay: ReplayClock;
  fromMs: number;
  toMs: number;
  spend: OfficeHistory['spend'];
  timeZone: string;
};

const minuteMs = 60_000;

/** Plays a day: its clock, how fast it runs, and what had been spent by then. */
export function ReplayBar({ replay, fromMs, toMs, spend, timeZone }: ReplayBarProps) {
  const { atMs, isPlaying, toggle, seek, speed, setSpeed } = replay;
  const timeOf = (ms: number): string =>
    ms >= toMs
      ? '24:00'
      : new Intl.DateTimeFormat('en-US', {
          timeZone,
          hour: '2-digit',
          minute: '2-digit',
          hourCycle: 'h23',
        }).format(ms);
  const label = isPlaying ? 'Pause' : 'Play';
  return (
    <div className={classes.replay} role="group" aria-label="Replay">
      <div className={classes.replayTop}>
        <ActionIcon size="lg" variant="filled" onClick={toggle} aria-label={label}>
          {isPlaying ? <IconPlayerPause size={18} stroke={1.5} /> : <IconPlayerPlay size={18} stroke={1.5} />}
        </ActionIcon>
        <span className={classes.time}>{timeOf(atMs)}</span>
        <span className={classes.figure}>
          <span className={classes.amount} data-testid="replay-spend">
            {formatUsd(spentAt(spend, atMs))}
          </span>
          spent
        </span>
        <SegmentedControl
          size="xs"
          ml="auto"
          aria-label="Speed"
          data={[...speeds]}
          value={String(speed)}
          onChange={(value) => setSpeed(Number(value))}
        />
      </div>
      <SpendCurve spend={spend} fromMs={fromMs} toMs={toMs} atMs={atMs} />
      <Slider
        thumbLabel="Time of day"
        min={0}
        max={Math.round((toMs - fromMs) / minuteMs)}
        step={1}
        value={Math.floor((atMs - fromMs) / minuteMs)}
        onChange={(minutes) => seek(Math.min(fromMs + minutes * minuteMs, toMs))}
        label={(minutes) => timeOf(fromMs + minutes * minuteMs)}
      />
    </div>
  );
}

type SpendCurveProps = { spend: OfficeHistory['spend']; fromMs: number; toMs: number; atMs: number };

/** How spend rose over the day, in steps; filled as far as it is played. */
function SpendCurve({ spend, fromMs, toMs, atMs }: SpendCurveProps) {
  const last = spend.at(-1)?.usd ?? '0';
  const most = lengthOfUsd(last) || 1;
  const x = (ms: number): number => ((ms - fromMs) / (toMs - fromMs)) * 100;
  const y = (usd: Usd): number => 30 - (lengthOfUsd(usd) / most) * 28;
  const upTo = (endMs: number): string => {
    const points = spend.filter((each) => each.atMs <= endMs);
    const steps = points.flatMap((each, index) => [
      `${x(each.atMs)} ${y(points[index - 1]?.usd ?? '0')}`,
      `${x(each.atMs)} ${y(each.usd)}`,
    ]);
    return ['0 30', ...steps, `${x(endMs)} ${y(points.at(-1)?.usd ?? '0')}`].join(' L');
  };
  return (
    <svg viewBox="0 0 100 32" preserveAspectRatio="none" className={classes.curve} aria-hidden>
      <path d={`M${upTo(atMs)} L${x(atMs)} 30 Z`} className={classes.curvePast} />
      <path d={`M${upTo(toMs)}`} className={classes.curveLine} />
    </svg>
  );
}
