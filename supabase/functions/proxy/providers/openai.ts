import type { Provider } from './provider.ts';
import {
  openaiAnswerMembers,
  openaiUrl,
  readOpenaiAnswer,
  readOpenaiEvent,
  readOpenaiUsage,
} from './read-openai.ts';
import { readTypedEvent } from './read-typed-event.ts';

export const openai = {
  name: 'openai',
  serves: [
    'chat.completions',
    'responses',
    'embeddings',
    'images.generations',
    'images.edits',
    'audio.transcriptions',
  ],
  models:
    /^(gpt-|o\d|chatgpt-|codex-|computer-use|text-embedding-|whisper-|dall-e-|davinci|babbage|ft:(gpt-|o\d|davinci|babbage))/,
  url: openaiUrl,
  headers: (key) => ({ authorization: `Bearer ${key}` }),
  usageMustBeAsked: true,
  answerMembers: openaiAnswerMembers,
  readAnswer: readOpenaiAnswer,
  readEvent: (event, tally) =>
    typeof event.type === 'string' ? readTypedEvent(event, tally) : readOpenaiEvent(event, tally),
  readUsage: readOpenaiUsage,
} satisfies Provider;
