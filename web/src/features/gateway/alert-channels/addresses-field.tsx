import { TagsInput, type TagsInputProps } from '@mantine/core';
import { AlertAddresses } from '@contracts/alerts.ts';

/** Mail addresses; none means the organization's owners and admins. */
export function AddressesField(props: TagsInputProps) {
  return (
    <TagsInput
      label="Addresses"
      description="Leave it empty for all owners and admins, whoever they are by then."
      acceptValueOnBlur
      clearable
      clearButtonProps={{ 'aria-label': 'Send to owners and admins' }}
      {...props}
    />
  );
}

/** What is wrong with the addresses that were typed, by the rules that the server has too. */
export function explainAddresses(addresses: string[]): string | null {
  return AlertAddresses.safeParse(addresses).error?.issues[0]?.message ?? null;
}
