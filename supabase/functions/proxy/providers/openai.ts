import type { Provider } from './provider.ts';
import {
  openaiAnswerMembers,
  openaiUrl,
  readOpenaiAnswer,
  readOpenaiEvent,
  readOpenaiUsage,
} from './read-openai.ts';
import { readResponseEvent } from './read-response-event.ts';

export const openai = {
  name: 'openai',
  serves: ['chat.completions', 'responses', 'embeddings'],
  models:
    /^(gpt-|o\d|chatgpt-|codex-|computer-use|text-embedding-|davinci|babbage|ft:(gpt-|o\d|davinci|babbage))/,
  url: openaiUrl,
  headers: (key) => ({ authorization: `Bearer ${key}` }),
  usageMustBeAsked: true,
  answerMembers: openaiAnswerMembers,
  readAnswer: readOpenaiAnswer,
  readEvent: (event, tally) =>
    typeof event.type === 'string' ? readResponseEvent(event, tally) : readOpenaiEvent(event, tally),
  readUsage: readOpenaiUsage,
} satisfies Provider;
