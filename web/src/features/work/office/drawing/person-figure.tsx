import classes from './figures.module.css';

export type PersonLook = {
  name: string;
  initials: string;
  color: string;
  isAway: boolean;
  isSelf: boolean;
  caption: string | null;
};

/** A person, standing on the origin: a head with initials on shoulders. */
export function PersonFigure({ name, initials, color, isAway, isSelf, caption }: PersonLook) {
  return (
    <g>
      <ellipse cy={2} rx={18} ry={5} className={classes.shadow} />
      <path d="M-18 1 C-18 -16 -9 -20 0 -20 C9 -20 18 -16 18 1 Z" fill={color} className={classes.body} />
      <circle cy={-29} r={15} className={`${classes.skin ?? ''} ${classes.body ?? ''}`} />
      <path
        d="M-15 -31 C-15 -46 15 -46 15 -31 C10 -37 -10 -37 -15 -31 Z"
        fill={color}
        className={classes.body}
      />
      <text y={-22} className={classes.initials}>
        {initials}
      </text>
      <circle cx={13} cy={-15} r={5} className={classes.presence} data-away={isAway || undefined} />
      <text y={17} className={`${classes.name ?? ''} ${isSelf ? (classes.self ?? '') : ''}`}>
        {isSelf ? 'You' : name}
      </text>
      {caption !== null && (
        <text y={31} className={classes.caption}>
          {caption}
        </text>
      )}
    </g>
  );
}
