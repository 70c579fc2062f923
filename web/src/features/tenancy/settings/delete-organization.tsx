import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useOrganization } from '@/lib/organization.tsx';
import { ConfirmByTyping } from '@/ui/confirm-by-typing.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { deleteOrganization } from './organization-mutations.ts';
import { useLeaveBehind } from './use-leave-behind.ts';

export function DeleteOrganization() {
  const { id, name, slug } = useOrganization();
  const leaveBehind = useLeaveBehind();
  const [isAsking, ask] = useDisclosure(false);
  const remove = async (): Promise<void> => {
    await deleteOrganization(id, slug);
    notifyDone(`${name} was deleted.`);
    await leaveBehind();
  };
  return (
    <>
      <Button color="red" variant="light" onClick={ask.open}>
        Delete organization
      </Button>
      <ConfirmByTyping
        isOpen={isAsking}
        onClose={ask.close}
        title={`Delete ${name}?`}
        phrase={slug}
        action="Delete organization"
        onConfirm={remove}
      >
        All projects, keys, credentials, usage and the audit log are lost, for every member. Calls with its
        keys are refused from now on.
      </ConfirmByTyping>
    </>
  );
}
