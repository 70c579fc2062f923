import type { NoteColor } from '@contracts/whiteboard.ts';

/** The colors of sticky notes as they look on the board. */
export const swatches: Readonly<Record<NoteColor, string>> = {
  black: '#fce19c',
  grey: '#c0caca',
  'light-violet': '#db9ee8',
  violet: '#a16fc6',
  blue: '#8aa3fd',
  'light-blue': '#9bc4fd',
  yellow: '#fed49a',
  orange: '#faa475',
  green: '#6fc896',
  'light-green': '#98d08a',
  'light-red': '#f7a5a1',
  red: '#fc8282',
  white: '#ffffff',
};
