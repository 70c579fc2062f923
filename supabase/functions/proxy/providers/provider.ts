import type { Operation, ProviderName } from '../call.ts';
import type { JsonObject } from '../json-object.ts';
import type { Tally, TokenUsage } from '../tally.ts';

/** All that is particular to a provider, as a value. Pure: it knows no key, no request and no clock. */
export interface Provider {
  readonly name: ProviderName;
  /** What may be asked of it as it is. */
  readonly serves: readonly Operation[];
  /** Model names that are this provider's without a prefix. */
  readonly models: RegExp;
  readonly url: (baseUrl: string, operation: Operation) => string;
  /** The headers that carry the credential, and those that the provider insists on. */
  readonly headers: (key: string) => Readonly<Record<string, string>>;
  /** Whether a stream reports usage only when `stream_options.include_usage` asks for it. */
  readonly usageMustBeAsked: boolean;
  /** Top-level members of a plain answer that `readAnswer` looks at. */
  readonly answerMembers: readonly string[];
  readonly readAnswer: (answer: JsonObject, tally: Tally) => void;
  readonly readEvent: (event: JsonObject, tally: Tally) => void;
  /** The usage object as token classes; null when its numbers contradict each other. */
  readonly readUsage: (usage: JsonObject) => TokenUsage | null;
}
