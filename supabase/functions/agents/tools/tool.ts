import type { z } from 'zod';
import type { ClaimedTask, ToolOutput } from '../../_shared/contracts/agents.ts';
import type { Db } from '../../_shared/db.ts';

/** What a tool may touch: the database, for the organization of the task that it is used for. */
export interface ToolContext {
  readonly db: Db;
  readonly claimed: ClaimedTask;
  /** The step that it is; whatever the tool makes, it makes once for this. */
  readonly stepNumber: number;
}

export interface Tool {
  readonly name: string;
  /** For the model. */
  readonly description: string;
  readonly parameters: z.ZodObject;
  /** May be run again for the same step, when whoever ran it died: it then answers the same and does nothing new. */
  readonly run: (context: ToolContext, given: unknown) => Promise<ToolOutput>;
}

/** A tool whose arguments are read by its parameters; what is wrong with them, the model is told. */
export function defineTool<Parameters extends z.ZodObject>(definition: {
  readonly name: string;
  readonly description: string;
  readonly parameters: Parameters;
  readonly run: (context: ToolContext, given: z.infer<Parameters>) => Promise<ToolOutput | string>;
}): Tool {
  return {
    ...definition,
    async run(context, given) {
      const parsed = definition.parameters.safeParse(given);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        const where = issue?.path.join('.') ?? '';
        return say(`These arguments cannot be used: ${where} ${issue?.message ?? ''}`);
      }
      const output = await definition.run(context, parsed.data);
      return typeof output === 'string' ? say(output) : output;
    },
  };
}

const say = (content: string): ToolOutput => ({ content, handsIn: null });
