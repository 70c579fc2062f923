import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { credentialQueries } from './credential-queries.ts';

type CredentialMutation<Answer, Input> = {
  run: (input: Input) => Promise<Answer>;
  /** What to say when it worked; undefined where `run` has said it. */
  done: (answer: Answer) => string | undefined;
};

/** A change from a menu: the list is loaded again, and what happened is said. */
export function useCredentialMutation<Answer, Input = void>({
  run,
  done,
}: CredentialMutation<Answer, Input>) {
  const { id } = useOrganization();
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (answer) => {
      const message = done(answer);
      if (message !== undefined) notifyDone(message);
    },
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: credentialQueries.all(id) }),
  });
}
