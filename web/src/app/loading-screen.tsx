import { Center, Loader } from '@mantine/core';

/** Only for what cannot have a skeleton: before it is known who is there and which page that means. */
export function LoadingScreen() {
  return (
    <Center mih="100dvh">
      <Loader size="sm" aria-label="Loading" />
    </Center>
  );
}
