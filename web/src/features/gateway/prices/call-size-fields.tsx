import { NumberInput, SimpleGrid } from '@mantine/core';
import type { CallSize } from './cost-of-call.ts';

const fields = [
  ['input', 'Input tokens'],
  ['cached', 'Of them cached'],
  ['output', 'Output tokens'],
] as const satisfies [keyof CallSize, string][];

/** How large the call is that prices are compared by. */
export function CallSizeFields({ size, onChange }: { size: CallSize; onChange: (size: CallSize) => void }) {
  return (
    <SimpleGrid
      cols={{ base: 1, xs: 3 }}
      spacing="md"
      component="section"
      aria-label="Size of a call"
      maw="40rem"
    >
      {fields.map(([name, label]) => (
        <NumberInput
          key={name}
          label={label}
          value={size[name]}
          min={0}
          max={100_000_000}
          decimalScale={0}
          thousandSeparator=","
          allowNegative={false}
          step={1000}
          onChange={(value) => onChange({ ...size, [name]: Number(value) || 0 })}
        />
      ))}
    </SimpleGrid>
  );
}
