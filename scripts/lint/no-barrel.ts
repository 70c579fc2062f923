import type { Rule } from './rule.ts';

/** A file exports what it defines: re-exports hide where a thing lives and load what nobody asked for. */
export const noBarrel: Rule = {
  create: (context) => ({
    ExportAllDeclaration: (node) => {
      context.report({ node, message: 'No `export *`: import from the file that defines the thing.' });
    },
    ExportNamedDeclaration: (node) => {
      if (node.source) {
        context.report({ node, message: 'No re-exports: import from the file that defines the thing.' });
      }
    },
  }),
};
