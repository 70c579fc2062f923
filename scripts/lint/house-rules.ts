import { importBoundaries } from './import-boundaries.ts';
import { noBarrel } from './no-barrel.ts';
import { noInlineCast } from './no-inline-cast.ts';

/** What oxlint cannot express by itself; it loads this file as a plugin and wants a default export. */
export default {
  meta: { name: 'house' },
  rules: {
    'import-boundaries': importBoundaries,
    'no-barrel': noBarrel,
    'no-inline-cast': noInlineCast,
  },
};
