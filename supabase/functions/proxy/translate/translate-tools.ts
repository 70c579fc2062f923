import { isJsonObject, type JsonObject, listOf, objectOf, textOf } from '../json-object.ts';
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
  if (body.tools != null && !Array.isArray(body.tools)) throw invalid('tools', 'must be a list.');
  const tools = listOf(body.tools).map((tool, index) => translateTool(objectOf(tool), `tools[${index}]`));
  const choice = translateChoice(body.tool_choice ?? 'auto');
  if (tools.length > 0) {
    const isSerial = body.parallel_tool_calls === false && choice.type !== 'none';
    return { tools, tool_choice: isSerial ? { ...choice, disable_parallel_tool_use: true } : choice };
  }
  if (mustCallTool(choice)) throw invalid('tool_choice', 'asks for a tool where "tools" has none.');
  if (calledTools.size === 0) return {};
  return {
    tools: [...calledTools].map((name) => ({ name, input_schema: anything })),
    tool_choice: { type: 'none' },
  };
}

export function mustCallTool(choice: JsonObject | undefined): boolean {
  return choice?.type === 'any' || choice?.type === 'tool';
}

/** A schema of Anthropic's says that it is one of an object; one of OpenAI's need not. */
const anything = { type: 'object' };

function translateTool(tool: JsonObject, path: string): JsonObject {
  if (tool.type !== 'function') throw unsupported(`${path}.type`, 'Use functions.');
  const { name, description, parameters, strict } = objectOf(tool.function);
  if (textOf(name) === null) throw invalid(`${path}.function.name`, 'must be a text.');
  if (parameters != null && !isJsonObject(parameters))
    throw invalid(`${path}.function.parameters`, 'must be a JSON schema.');
  return {
    name,
    ...(textOf(description) !== null && { description }),
    input_schema: { ...anything, ...parameters },
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
