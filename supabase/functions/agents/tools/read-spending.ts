import { z } from 'zod';
import { readOrganization } from './read-organization.ts';
import { defineTool } from './tool.ts';

export const readSpending = defineTool({
  name: 'read_spending',
  description: 'What the organization spent on AI this month, in all and by model, in dollars.',
  parameters: z.object({}),
  run: (context) => readOrganization(context, 'spending'),
});
