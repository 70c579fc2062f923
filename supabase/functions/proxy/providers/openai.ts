import type { Provider } from './provider.ts';
import {
  openaiAnswerMembers,
  openaiUrl,
  readOpenaiAnswer,
  readOpenaiEvent,
  readOpenaiUsage,
} from './read-openai.ts';

export const openai = {
  name: 'openai',
  dialect: 'openai',
  models:
    /^(gpt-|o\d|chatgpt-|codex-|computer-use|text-embedding-|davinci|babbage|ft:(gpt-|o\d|davinci|babbage))/,
  url: openaiUrl,
  headers: (key) => ({ authorization: `Bearer ${key}` }),
  usageMustBeAsked: true,
  answerMembers: openaiAnswerMembers,
  readAnswer: readOpenaiAnswer,
  readEvent: readOpenaiEvent,
  readUsage: readOpenaiUsage,
} satisfies Provider;
