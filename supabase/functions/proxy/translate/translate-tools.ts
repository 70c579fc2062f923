import { type JsonObject, listOf, objectOf, textOf } from '../json-object.ts';
import { invalid, unsupported } from './unsupported.ts';

export interface Tools {
  readonly tools?: readonly JsonObject[];
  readonly tool_choice?: JsonObject;
}

/**
 * OpenAI's functions as Anthropic's tools. A conversation that has called tools but offers none any more gets them by
 * name and with the choice of none, since Anthropic wants every tool that was called to be known.
 */
export function translateTools(body: JsonObject, calledTools: ReadonlySet<string>): Tools {
  const tools = listOf(body.tools).map((tool, index) => translateTool(objectOf(tool), `tools[${index}]`));
  if (tools.length > 0) {
    const choice = translateChoice(body.tool_choice ?? 'auto');
    const isSerial = body.parallel_tool_calls === false && choice.type !== 'none';
    return { tools, tool_choice: isSerial ? { ...choice, disable_parallel_tool_use: true } : choice };
  }
  if (calledTools.size === 0) return {};
  return {
    tools: [...calledTools].map((name) => ({ name, input_schema: anything })),
    tool_choice: { type: 'none' },
  };
}

const anything = { type: 'object' };

function translateTool(tool: JsonObject, path: string): JsonObject {
  if (tool.type !== 'function') throw unsupported(`${path}.type`, 'Use functions.');
  const { name, description, parameters, strict } = objectOf(tool.function);
  if (textOf(name) === null) throw invalid(`${path}.function.name`, 'must be a text.');
  return {
    name,
    ...(textOf(description) !== null && { description }),
    input_schema: parameters ?? anything,
    ...(strict === true && { strict }),
    ...(tool.cache_control !== undefined && { cache_control: tool.cache_control }),
  };
}

function translateChoice(choice: unknown): JsonObject {
  if (choice === 'auto' || choice === 'none') return { type: choice };
  if (choice === 'required') return { type: 'any' };
  const { type, function: chosen } = objectOf(choice);
  const name = textOf(objectOf(chosen).name);
  if (type === 'function' && name !== null) return { type: 'tool', name };
  throw unsupported('tool_choice', 'Use auto, none, required or one function.');
}
