import type { Rect } from '../plan/floor-plan.ts';
import classes from './drawing.module.css';

type At = { x: number; y: number };

/** Everything here is drawn around its middle, as one sees it from above and a little from the front. */
export function Plant({ x, y, size = 1 }: At & { size?: number }) {
  return (
    <g transform={`translate(${x} ${y}) scale(${size})`}>
      <ellipse cy={13} rx={13} ry={4} className={classes.shadow} />
      <path d="M-9 2 h18 l-3 11 h-12 z" className={classes.pot} />
      {[-50, -18, 18, 50].map((angle) => (
        <path
          key={angle}
          d="M0 3 C-7 -6 -6 -16 0 -22 C6 -16 7 -6 0 3 Z"
          transform={`rotate(${angle} 0 3)`}
          className={classes.leaf}
        />
      ))}
      <path d="M0 3 C-6 -6 -5 -15 0 -24 C5 -15 6 -6 0 3 Z" className={classes.leafLight} />
    </g>
  );
}

export function Sofa({ x, y, width = 120, turn = 0 }: At & { width?: number; turn?: number }) {
  const half = width / 2;
  return (
    <g transform={`translate(${x} ${y}) rotate(${turn})`}>
      <rect x={-half} y={-16} width={width} height={38} rx={12} className={classes.shadow} />
      <rect x={-half} y={-20} width={width} height={38} rx={12} className={classes.sofa} />
      <rect x={-half + 12} y={-8} width={half - 14} height={24} rx={7} className={classes.cushion} />
      <rect x={2} y={-8} width={half - 14} height={24} rx={7} className={classes.cushion} />
    </g>
  );
}

export function RoundTable({ x, y, radius = 24 }: At & { radius?: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <ellipse cy={6} rx={radius} ry={radius * 0.8} className={classes.shadow} />
      <ellipse rx={radius} ry={radius * 0.8} className={classes.wood} />
      <circle cx={-6} cy={-3} r={5} className={classes.cup} />
      <circle cx={-6} cy={-3} r={3} className={classes.coffee} />
    </g>
  );
}

export function Rug({ x, y, width, height }: Rect) {
  return (
    <g transform={`translate(${x + width / 2} ${y + height / 2})`}>
      <ellipse rx={width / 2} ry={height / 2} className={classes.rug} />
      <ellipse rx={width / 2 - 10} ry={height / 2 - 10} className={classes.rugLine} />
    </g>
  );
}

/** A desk that somebody sits in front of; its screen glows while they work there. */
export function Desk({ x, y, scale, isLit }: At & { scale: number; isLit: boolean }) {
  return (
    <g transform={`translate(${x} ${y}) scale(${scale})`}>
      <rect x={-36} y={-10} width={72} height={30} rx={6} className={classes.shadow} />
      <rect x={-36} y={-14} width={72} height={30} rx={6} className={classes.wood} />
      <rect x={-17} y={-30} width={34} height={22} rx={3} className={classes.monitor} />
      <rect
        x={-14}
        y={-27}
        width={28}
        height={16}
        rx={2}
        className={classes.screen}
        data-lit={isLit || undefined}
      />
      <rect x={-4} y={-8} width={8} height={5} className={classes.monitor} />
      <rect x={-12} y={2} width={24} height={7} rx={2} className={classes.keys} />
      <circle cx={26} cy={-4} r={5} className={classes.cup} />
      <circle cx={26} cy={-4} r={3} className={classes.coffee} />
      <rect
        x={-31}
        y={-8}
        width={10}
        height={13}
        rx={1}
        className={classes.paper}
        transform="rotate(-8 -26 -2)"
      />
    </g>
  );
}

export function Bookshelf({ x, y, width = 84 }: At & { width?: number }) {
  const books = Math.floor((width - 10) / 8);
  return (
    <g transform={`translate(${x - width / 2} ${y})`}>
      <rect width={width} height={26} rx={3} className={classes.shelf} />
      {Array.from({ length: books }, (_, index) => (
        <rect
          key={index}
          x={6 + index * 8}
          y={5 + ((index * 7) % 4)}
          width={6}
          height={17 - ((index * 7) % 4)}
          rx={1}
          className={classes.book}
          data-tone={(index * 5) % 4}
        />
      ))}
    </g>
  );
}

export function WindowPane({ x, y, width }: At & { width: number }) {
  return (
    <g transform={`translate(${x - width / 2} ${y})`}>
      <rect y={-4} width={width} height={8} rx={2} className={classes.pane} />
      <path d={`M4 4 L${width - 4} 4 L${width + 14} 62 L${-10} 62 Z`} className={classes.daylight} />
    </g>
  );
}

export function Lamp({ x, y, reach = 90 }: At & { reach?: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <circle r={reach} fill="url(#office-glow)" />
      <ellipse cy={12} rx={8} ry={3} className={classes.shadow} />
      <path d="M-10 2 L-6 -14 H6 L10 2 Z" className={classes.lampshade} />
      <rect x={-1.5} y={2} width={3} height={10} className={classes.monitor} />
    </g>
  );
}

export function Whiteboard({ x, y, width = 120 }: At & { width?: number }) {
  return (
    <g transform={`translate(${x - width / 2} ${y})`}>
      <rect width={width} height={28} rx={3} className={classes.board} />
      <path d={`M12 10 q8 -6 16 0 t16 0 M12 19 h${width * 0.35}`} className={classes.marker} data-tone="0" />
      <path d={`M${width - 34} 18 l8 -10 l8 6 l8 -8`} className={classes.marker} data-tone="1" />
    </g>
  );
}

export function CoffeeBar({ x, y }: At) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect x={-44} y={-12} width={88} height={28} rx={4} className={classes.shelf} />
      <rect x={-34} y={-22} width={24} height={26} rx={4} className={classes.monitor} />
      <rect x={-29} y={-10} width={14} height={9} rx={1} className={classes.screen} data-lit />
      {[2, 16, 30].map((cup) => (
        <circle key={cup} cx={cup} cy={-1} r={5} className={classes.cup} />
      ))}
    </g>
  );
}

export function MeetingTable({ x, y, width, height }: Rect) {
  return (
    <g>
      <rect
        x={x}
        y={y + 7}
        width={width}
        height={height}
        rx={Math.min(width, height) / 2.4}
        className={classes.shadow}
      />
      <rect
        x={x}
        y={y}
        width={width}
        height={height}
        rx={Math.min(width, height) / 2.4}
        className={classes.wood}
      />
      {[0.25, 0.5, 0.75].map((v) => (
        <rect
          key={v}
          x={x + width / 2 - 9}
          y={y + height * v - 6}
          width={18}
          height={12}
          rx={1}
          className={classes.paper}
          transform={`rotate(${v * 40 - 20} ${x + width / 2} ${y + height * v})`}
        />
      ))}
    </g>
  );
}

export function Chair({ x, y }: At) {
  return <rect x={x - 11} y={y - 2} width={22} height={16} rx={7} className={classes.chair} />;
}
