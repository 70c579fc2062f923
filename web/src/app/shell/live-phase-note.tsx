import { useEffect, useState } from 'react';
import { Tooltip } from '@mantine/core';
import { IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { type LivePhase, useLivePhase } from '@/lib/live/use-live-phase.ts';
import classes from './menus.module.css';

/** A connection that is back before anyone would notice is not worth a word. */
const patienceMs = 4_000;

const notes = {
  offline: {
    label: 'Offline',
    detail: 'What you see may be old. It moves again once you are connected.',
    icon: IconCloudOff,
  },
  reconnecting: {
    label: 'Reconnecting',
    detail: 'Live updates come late. What you see is brought up to date every half minute.',
    icon: IconRefresh,
  },
} as const;

/** Says when what is on the screen does not move by itself; nothing while it does. */
export function LivePhaseNote({ isRail }: { isRail: boolean }) {
  const phase = usePatientPhase();
  if (phase === 'live') return null;
  const { label, detail, icon: NoteIcon } = notes[phase];
  return (
    <Tooltip
      label={detail}
      multiline
      maw={260}
      position="right"
      events={{ hover: true, focus: true, touch: true }}
    >
      <output className={classes.phase} data-rail={isRail || undefined} aria-label={`${label}. ${detail}`}>
        <NoteIcon size={16} stroke={1.5} aria-hidden />
        {!isRail && <span>{label}</span>}
      </output>
    </Tooltip>
  );
}

/** Without a network at once, otherwise only what lasts. */
function usePatientPhase(): LivePhase {
  const phase = useLivePhase();
  const [lasting, setLasting] = useState<LivePhase>(phase);
  useEffect(() => {
    const timer = setTimeout(() => setLasting(phase), phase === 'reconnecting' ? patienceMs : 0);
    return () => clearTimeout(timer);
  }, [phase]);
  return phase === 'reconnecting' && lasting === 'live' ? 'live' : phase;
}
