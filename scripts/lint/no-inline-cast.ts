import type { Rule } from './rule.ts';

type Visitors = ReturnType<Extract<Rule, { create: unknown }>['create']>;
type Cast = Parameters<NonNullable<Visitors['TSAsExpression']>>[0];
type Node = Cast['parent'];

/** A cast is the returned value of a function whose comment says why it holds; `as const` is free. */
export const noInlineCast: Rule = {
  create: (context) => ({
    TSAsExpression: (node) => {
      if (isConst(node) || node.parent.type === 'TSAsExpression') return;
      const helper = functionReturning(node);
      const owner = helper && namedOwner(helper);
      if (owner && context.sourceCode.getCommentsBefore(owner).length > 0) return;
      context.report({
        node,
        message: 'No inline `as`: return the cast from a named helper whose comment states its guarantee.',
      });
    },
    TSTypeAssertion: (node) => {
      context.report({ node, message: 'No `<T>value` casts.' });
    },
  }),
};

function isConst({ typeAnnotation }: Cast): boolean {
  return (
    typeAnnotation.type === 'TSTypeReference' &&
    typeAnnotation.typeName.type === 'Identifier' &&
    typeAnnotation.typeName.name === 'const'
  );
}

function functionReturning(cast: Cast): Node | undefined {
  const { parent } = cast;
  if (parent.type === 'ArrowFunctionExpression') return parent;
  if (parent.type !== 'ReturnStatement' || parent.parent.type !== 'BlockStatement') return undefined;
  const owner = parent.parent.parent;
  return isFunction(owner) ? owner : undefined;
}

const isFunction = ({ type }: Node): boolean =>
  type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';

/** The statement or member that gives the function its name and carries its comment. */
function namedOwner(node: Node): Node | undefined {
  let named: Node | undefined;
  if (node.type === 'FunctionDeclaration') named = node;
  else if (node.parent?.type === 'VariableDeclarator') named = node.parent.parent;
  else if (node.parent?.type === 'MethodDefinition') named = node.parent;
  return named?.parent?.type === 'ExportNamedDeclaration' ? named.parent : named;
}
