import { estimateTokenCount } from 'tokenx';
import { isJsonObject, type JsonObject } from './json-object.ts';

/**
 * About how many input tokens a body has. Bounded work whatever its size: every text is measured, a sample of the
 * texts is tokenized, and the sample's density stands for the rest. Images and files count flat.
 */
export function estimateInput(body: JsonObject, bodySize: number): number {
  const survey: Survey = { characters: 0, flatTokens: 0, sample: '', nodes: 0 };
  for (const member of ['messages', 'system', 'instructions', 'prompt', 'tools', 'input'])
    visit(body[member], survey, 0);
  if (survey.nodes > maxNodes) return Math.ceil(bodySize / 4);
  if (survey.characters === 0) return survey.flatTokens;
  const density = Math.max(estimateTokenCount(survey.sample), 1) / survey.sample.length;
  return Math.ceil(density * survey.characters) + survey.flatTokens;
}

interface Survey {
  characters: number;
  flatTokens: number;
  sample: string;
  nodes: number;
}

const maxNodes = 100_000;
const maxDepth = 64;
const sampleLength = 2_048;
const tokensPerMessage = 4;
const tokensPerImage = 1_000;
const tokensPerFile = 3_000;

function visit(value: unknown, survey: Survey, depth: number): void {
  survey.nodes++;
  if (survey.nodes > maxNodes || depth > maxDepth) return;
  if (typeof value === 'string') return addText(value, survey);
  // Embeddings take token ids as they are.
  if (typeof value === 'number') {
    survey.flatTokens++;
    return;
  }
  if (Array.isArray(value)) {
    for (const entry of value) visit(entry, survey, depth + 1);
    return;
  }
  if (!isJsonObject(value)) return;
  const flat = flatTokensOf(value.type);
  if (flat > 0) {
    survey.flatTokens += flat;
    return;
  }
  if (typeof value.role === 'string') survey.flatTokens += tokensPerMessage;
  for (const [key, member] of Object.entries(value)) {
    if (key === 'role' || key === 'type' || key === 'cache_control') continue;
    if (depth > 1) addText(key, survey);
    visit(member, survey, depth + 1);
  }
}

function flatTokensOf(type: unknown): number {
  if (type === 'image_url' || type === 'image' || type === 'input_image') return tokensPerImage;
  return type === 'file' || type === 'input_file' || type === 'document' || type === 'input_audio'
    ? tokensPerFile
    : 0;
}

function addText(text: string, survey: Survey): void {
  survey.characters += text.length;
  const room = sampleLength - survey.sample.length;
  if (room > 0) survey.sample += room >= text.length ? text : text.slice(0, room);
}
