import { NumberInput, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { RateLimitValues } from './rate-limit-writes.ts';

/** The three numbers as their fields hold them: an empty one is an empty string. */
export type RateLimitTexts = Record<keyof RateLimitValues, number | string>;

export const readRateLimit = (texts: RateLimitTexts): RateLimitValues => ({
  requestsPerMinute: readNumber(texts.requestsPerMinute),
  tokensPerMinute: readNumber(texts.tokensPerMinute),
  maxOpenCalls: readNumber(texts.maxOpenCalls),
});

const readNumber = (text: number | string): number | null => (text === '' ? null : Number(text));

type RateLimitFieldsProps<Values extends RateLimitTexts> = {
  form: UseFormReturnType<Values>;
  isFirstField: boolean;
};

export function RateLimitFields<Values extends RateLimitTexts>({
  form,
  isFirstField,
}: RateLimitFieldsProps<Values>) {
  const number = {
    min: 0,
    allowNegative: false,
    allowDecimal: false,
    thousandSeparator: ',',
    hideControls: true,
    // A form that is sent by Enter has not been left.
    clampBehavior: 'strict' as const,
    placeholder: 'Not limited',
  };
  return (
    <>
      <Text>
        An empty field limits nothing, zero refuses every call. What you save holds from the next call on.
      </Text>
      <NumberInput
        label="Requests a minute"
        description="In any sixty seconds. A refused call does not count."
        max={2_000_000_000}
        data-autofocus={isFirstField || undefined}
        {...number}
        {...form.getInputProps('requestsPerMinute')}
      />
      <NumberInput
        label="Tokens a minute"
        description="Input and output. While a call runs it counts with the most that it may use, then with what it used."
        max={1_000_000_000_000}
        {...number}
        {...form.getInputProps('tokensPerMinute')}
      />
      <NumberInput
        label="Calls at once"
        description="Those under way, streams until their end."
        max={2_000_000_000}
        {...number}
        {...form.getInputProps('maxOpenCalls')}
      />
    </>
  );
}
