import { Button, Container, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { Link } from 'react-router';
import { paths } from '@/lib/paths.ts';

/** In place of the whole app; NotFound is for a page inside the shell. */
export function NotFoundPage() {
  return (
    <main>
      <NotFound />
    </main>
  );
}

export function NotFound() {
  useDocumentTitle('Not found · Kreative HQ');
  return (
    <Container size="xs" py={96}>
      <Stack align="flex-start" gap="md">
        <Title order={1}>There is nothing at this address</Title>
        <Text c="dimmed">
          The page may have moved, or it belongs to an organization that you are not a member of.
        </Text>
        <Button component={Link} to={paths.home}>
          Go to your overview
        </Button>
      </Stack>
    </Container>
  );
}
