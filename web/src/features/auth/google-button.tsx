import { Button, Divider, Stack } from '@mantine/core';
import { IconBrandGoogleFilled } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { supabase } from '@/lib/supabase.ts';
import { authSettingsQuery } from './auth-settings-query.ts';
import { AuthFailure } from './auth-failure.tsx';

/** Only where the operator has set Google up. Google leads back to `destination`. */
export function GoogleButton({ destination }: { destination: string }) {
  const settings = useQuery(authSettingsQuery).data;
  const signIn = useMutation({
    mutationFn: async () => {
      const { error } = await supabase().auth.signInWithOAuth({
        provider: 'google',
        options: { redirectTo: `${window.location.origin}${destination}` },
      });
      if (error) throw error;
    },
  });
  if (!settings?.hasGoogle) return null;
  return (
    <Stack gap="md" mb="md">
      <AuthFailure error={signIn.error} />
      <Button
        variant="default"
        fullWidth
        leftSection={<IconBrandGoogleFilled size={16} aria-hidden />}
        loading={signIn.isPending}
        onClick={() => signIn.mutate()}
      >
        Continue with Google
      </Button>
      <Divider label="or" />
    </Stack>
  );
}
