import { Anchor, Button, Container, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { unwrap } from '@/lib/errors.ts';
import { rememberOrganization } from '@/lib/last-organization.ts';
import { paths } from '@/lib/paths.ts';
import { supabase } from '@/lib/supabase.ts';
import { FormFailure } from '@/ui/form-failure.tsx';
import { organizationQueries } from './organization-queries.ts';

/** A further organization, or the first of someone who has left all others. */
export function NewOrganizationPage() {
  useDocumentTitle('New organization · Kreative HQ');
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: '' } });
  const create = useCreateOrganization();
  return (
    <Container component="main" size={400} py={96} px="md">
      <Title order={1}>New organization</Title>
      <Text c="dimmed" mt={4} mb="lg">
        It has its own members, projects, keys and budget. You are its owner.
      </Text>
      <form onSubmit={form.onSubmit(({ name }) => create.mutate(name))}>
        <Stack gap="md">
          <FormFailure error={create.error} />
          <TextInput
            label="Organization name"
            required
            withAsterisk={false}
            maxLength={100}
            autoComplete="organization"
            key={form.key('name')}
            {...form.getInputProps('name')}
          />
          <Button type="submit" loading={create.isPending}>
            Create organization
          </Button>
        </Stack>
      </form>
      <Text size="sm" mt="lg">
        <Anchor component={Link} to={paths.home} inherit>
          Back
        </Anchor>
      </Text>
    </Container>
  );
}

function useCreateOrganization() {
  const navigate = useNavigate();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (name: string) => {
      const id = unwrap(await supabase().rpc('create_organization', { name }));
      return unwrap(await supabase().from('organizations').select('slug').eq('id', id).maybeSingle());
    },
    onSuccess: async ({ slug }) => {
      await client.invalidateQueries({ queryKey: organizationQueries.all });
      rememberOrganization(slug);
      await navigate(paths.onboarding);
    },
  });
}
