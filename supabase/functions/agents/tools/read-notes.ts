import { z } from 'zod';
import { readOrganization } from './read-organization.ts';
import { defineTool } from './tool.ts';

export const readNotes = defineTool({
  name: 'read_notes',
  description:
    "The notes on the organization's whiteboards, those that were changed last first: board, tab (such as vision, goals or rules) and text.",
  parameters: z.object({}),
  run: (context) => readOrganization(context, 'notes'),
});
