import { Anchor, DataList, SegmentedControl, Text, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { paths } from '@/lib/paths.ts';
import { useSession, useUserId } from '@/lib/session.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { Section } from '@/ui/section.tsx';
import { FormSkeleton } from '@/ui/skeletons.tsx';
import { MailPreferences } from '../notifications/mail-preferences.tsx';
import { organizationQueries } from '../organizations/organization-queries.ts';
import { roleNames } from '../role-words.ts';
import { PasswordForm } from './password-form.tsx';
import { ProfileForm } from './profile-form.tsx';
import { profileQueries } from './profile-queries.ts';

export function ProfilePage() {
  const { session } = useSession();
  const profile = useQuery(profileQueries.mine(useUserId()));
  return (
    <>
      <PageHeader title="Profile" />
      <Section title="You" description="Your colleagues see your name and email.">
        <AsyncView query={profile} skeleton={<FormSkeleton fields={2} />}>
          {(row) => <ProfileForm row={row} />}
        </AsyncView>
      </Section>
      <Section
        id="mail"
        title="Mail"
        description="The bell tells you in any case. Mail follows when you have not read it there within two minutes; budget warnings and weekly reports are mailed at once."
      >
        <AsyncView query={profile} skeleton={<FormSkeleton fields={4} />}>
          {({ preferences }) => <MailPreferences preferences={preferences} />}
        </AsyncView>
      </Section>
      <Section title="Appearance">
        <Appearance />
      </Section>
      <Section title="Organizations" description="Where you are a member, and as what.">
        <Organizations />
      </Section>
      <Section title="Password">
        {session?.user.app_metadata.provider === 'google' ? (
          <Text c="dimmed">You sign in with Google; your password is kept there.</Text>
        ) : (
          <PasswordForm />
        )}
      </Section>
    </>
  );
}

function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      aria-label="Color scheme"
      value={colorScheme}
      onChange={(value) => setColorScheme(value === 'light' || value === 'dark' ? value : 'auto')}
      data={[
        { value: 'light', label: 'Light' },
        { value: 'dark', label: 'Dark' },
        { value: 'auto', label: 'System' },
      ]}
    />
  );
}

function Organizations() {
  const query = useQuery(organizationQueries.mine(useUserId()));
  return (
    <AsyncView query={query} skeleton={<FormSkeleton fields={1} />}>
      {(organizations) => (
        <DataList labelWidth={220}>
          {organizations.map(({ id, name, slug, role }) => (
            <DataList.Item key={id}>
              <DataList.ItemLabel>
                <Anchor component={Link} to={paths.overview(slug)} inherit>
                  {name}
                </Anchor>
              </DataList.ItemLabel>
              <DataList.ItemValue>{roleNames[role]}</DataList.ItemValue>
            </DataList.Item>
          ))}
        </DataList>
      )}
    </AsyncView>
  );
}
