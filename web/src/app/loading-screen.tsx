import { Center, Loader } from '@mantine/core';

/** Only for what cannot have a skeleton: before it is known who is there and which page that means. */
export function LoadingScreen() {
  return (
    <Center component="main" mih="100dvh">
      <output aria-label="Loading">
        <Loader size="sm" />
      </output>
    </Center>
  );
}
