import type { Activity, Standing } from '../life/place-of.ts';
import classes from './figures.module.css';

export type AgentLook = {
  name: string;
  color: string;
  avatar: string;
  /** What is drawn: `working` only while a run holds a live lease. */
  activity: Activity;
  trouble: NonNullable<Standing['trouble']>['kind'] | null;
  caption: string | null;
};

/** A little robot, standing on the origin. */
export function AgentFigure({ name, color, avatar, activity, trouble, caption }: AgentLook) {
  const isBusy = activity === 'working' || activity === 'meeting';
  return (
    <g className={isBusy ? classes.working : activity === 'paused' ? classes.paused : undefined}>
      <ellipse cy={2} rx={17} ry={5} className={classes.shadow} />
      <rect x={-13} y={-17} width={26} height={18} rx={8} fill={color} className={classes.body} />
      <rect x={-18} y={-14} width={7} height={12} rx={3.5} fill={color} className={classes.body} />
      <rect x={11} y={-14} width={7} height={12} rx={3.5} fill={color} className={classes.body} />
      <path d="M0 -40 V-46" className={classes.antenna} />
      <circle cy={-48} r={3.5} className={classes.bulb} />
      <rect x={-17} y={-41} width={34} height={27} rx={10} fill={color} className={classes.body} />
      <Face avatar={avatar} isAsleep={activity === 'paused'} />
      <Bubble activity={activity} />
      {trouble !== null && <Trouble kind={trouble} />}
      <text y={17} className={classes.name}>
        {name}
      </text>
      {caption !== null && (
        <text y={31} className={classes.caption}>
          {caption}
        </text>
      )}
    </g>
  );
}

/** Each avatar has eyes of its own. */
function Face({ avatar, isAsleep }: { avatar: string; isAsleep: boolean }) {
  const eyes = isAsleep ? 'asleep' : (eyeShapes[hashOf(avatar) % eyeShapes.length] ?? 'round');
  return (
    <>
      <rect x={-12} y={-36} width={24} height={17} rx={6} className={classes.face} />
      {[-5, 5].map((x) => (
        <g key={x} transform={`translate(${x} -27.5)`}>
          {eyes === 'round' && <circle r={2.8} className={classes.eye} />}
          {eyes === 'square' && (
            <rect x={-2.5} y={-2.5} width={5} height={5} rx={1} className={classes.eye} />
          )}
          {eyes === 'tall' && <ellipse rx={1.9} ry={3.6} className={classes.eye} />}
          {eyes === 'asleep' && (
            <rect x={-3} y={-0.7} width={6} height={1.6} rx={0.8} className={classes.eye} />
          )}
        </g>
      ))}
    </>
  );
}

const eyeShapes = ['round', 'square', 'tall'] as const;

const hashOf = (text: string): number =>
  [...text].reduce((sum, letter) => sum * 31 + (letter.codePointAt(0) ?? 0), 7) >>> 0;

function Bubble({ activity }: { activity: Activity }) {
  if (activity === 'idle') return null;
  if (activity === 'awaiting')
    return (
      <g transform="translate(20 -52)">
        <circle r={11} className={classes.approval} />
        <path d="M-4.5 0 L-1.5 3.5 L4.5 -3.5" className={classes.approvalMark} />
      </g>
    );
  return (
    <g transform="translate(22 -54)">
      <path d="M-12 8 L-10 16 L-3 10 Z" className={classes.bubble} />
      <rect x={-15} y={-10} width={30} height={20} rx={10} className={classes.bubble} />
      {activity === 'waiting' && <Mark text="…" y={1} />}
      {activity === 'paused' && <Mark text="z z" y={4} />}
      {(activity === 'working' || activity === 'meeting') &&
        [-7, 0, 7].map((x) => <circle key={x} cx={x} r={2.4} className={classes.dot} />)}
    </g>
  );
}

function Mark({ text, y }: { text: string; y: number }) {
  return (
    <text y={y} className={classes.bubbleMark}>
      {text}
    </text>
  );
}

function Trouble({ kind }: { kind: 'blocked' | 'failed' }) {
  return (
    <g transform="translate(-20 -46)">
      <circle r={10} className={classes.trouble} data-kind={kind} />
      <text y={4.8} className={classes.troubleMark}>
        {kind === 'failed' ? '!' : '∥'}
      </text>
    </g>
  );
}
