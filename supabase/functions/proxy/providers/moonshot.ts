import { countOf, isJsonObject, type JsonObject, listOf, objectOf } from '../json-object.ts';
import type { Tally } from '../tally.ts';
import type { Provider } from './provider.ts';
import {
  openaiAnswerMembers,
  noteChoice,
  openaiUrl,
  readOpenaiAnswer,
  readOpenaiEvent,
  readOpenaiUsage,
} from './read-openai.ts';

export const moonshot = {
  name: 'moonshot',
  serves: ['chat.completions', 'embeddings'],
  models: /^(kimi-|moonshot-)/,
  url: openaiUrl,
  headers: (key) => ({ authorization: `Bearer ${key}` }),
  usageMustBeAsked: true,
  answerMembers: openaiAnswerMembers,
  readAnswer: readOpenaiAnswer,
  readEvent(event, tally) {
    readOpenaiEvent(event, tally);
    if (!isJsonObject(event.usage)) readChoiceUsage(event, tally);
  },
  readUsage(usage) {
    const choices = listOf(usage.choices);
    return readOpenaiUsage(choices.length === 0 ? usage : sumChoices(choices.map(objectOf)));
  },
} satisfies Provider;

/** On a finishing chunk the usage stands inside its choice, one for each choice; one at the top is the sum and wins. */
function readChoiceUsage(event: JsonObject, tally: Tally): void {
  for (const entry of listOf(event.choices)) {
    const { usage, index } = objectOf(entry);
    if (!isJsonObject(usage) || (tally.usageIsFinal && !isChoiceUsage(tally))) continue;
    const known = listOf(tally.rawUsage?.choices).filter((other) => objectOf(other).index !== index);
    tally.rawUsage = { choices: [...known, { ...usage, index: index ?? 0 }] };
    noteChoice(tally, index, true);
  }
  if (isChoiceUsage(tally)) tally.usageIsFinal = tally.ended;
}

function isChoiceUsage(tally: Tally): boolean {
  return Array.isArray(tally.rawUsage?.choices);
}

/** The prompt is read once, whatever the number of choices. */
function sumChoices(choices: readonly JsonObject[]): JsonObject {
  const completion = choices.reduce<number | null>((sum, choice) => {
    const count = countOf(choice.completion_tokens);
    return sum === null || count === null ? null : sum + count;
  }, 0);
  return { ...choices[0], completion_tokens: completion ?? 'unreadable' };
}
