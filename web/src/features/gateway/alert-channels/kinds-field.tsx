import { Checkbox, Stack } from '@mantine/core';
import { AlertKind } from '@contracts/alerts.ts';
import { alertKindMeanings, alertKindWords } from '../alerts/alert-words.ts';

type KindsFieldProps = {
  input: { value?: string[]; onChange: (kinds: string[]) => void; error?: React.ReactNode };
};

/** Which kinds a channel tells; each is on or off. */
export function KindsField({ input }: KindsFieldProps) {
  return (
    <Checkbox.Group label="Tell" {...input}>
      <Stack gap="xs" mt={6}>
        {AlertKind.options.map((kind) => (
          <Checkbox
            key={kind}
            value={kind}
            label={alertKindWords[kind]}
            description={alertKindMeanings[kind]}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
