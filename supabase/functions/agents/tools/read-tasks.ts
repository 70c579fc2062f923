import { z } from 'zod';
import { readOrganization } from './read-organization.ts';
import { defineTool } from './tool.ts';

export const readTasks = defineTool({
  name: 'read_tasks',
  description: "The organization's latest tasks: title, status, agent and result.",
  parameters: z.object({}),
  run: (context) => readOrganization(context, 'tasks'),
});
