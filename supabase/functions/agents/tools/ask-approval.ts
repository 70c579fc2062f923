import { defineTool } from './tool.ts';
import { handOver, HandedOver } from './hand-over.ts';

export const askApproval = defineTool({
  name: 'ask_approval',
  description:
    'Ends the work with a result that a person has to approve before it counts: for what is hard to undo, or where you are not sure.',
  parameters: HandedOver,
  run: (_, { result }) => Promise.resolve(handOver(result, true)),
});
