import { NumberInput, type NumberInputProps } from '@mantine/core';

/** An amount of dollars, to a hundredth of a cent. */
export function UsdInput(props: NumberInputProps) {
  return (
    <NumberInput
      prefix="$"
      min={0}
      max={1_000_000_000}
      decimalScale={4}
      allowNegative={false}
      thousandSeparator=","
      hideControls
      {...props}
    />
  );
}
