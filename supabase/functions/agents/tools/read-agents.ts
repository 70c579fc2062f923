import { z } from 'zod';
import { readOrganization } from './read-organization.ts';
import { defineTool } from './tool.ts';

export const readAgents = defineTool({
  name: 'read_agents',
  description: "The organization's agents, to whom tasks can be handed on.",
  parameters: z.object({}),
  run: (context) => readOrganization(context, 'agents'),
});
