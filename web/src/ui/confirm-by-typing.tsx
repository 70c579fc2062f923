import { type FormEvent, type ReactNode, useState } from 'react';
import { Button, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { explainError } from '@/lib/explain-error.ts';

type ConfirmByTypingProps = {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  /** What is lost. */
  children: ReactNode;
  /** What has to be typed, usually the thing's name. */
  phrase: string;
  action: string;
  onConfirm: () => Promise<unknown>;
};

/** For what cannot be undone. */
export function ConfirmByTyping(props: ConfirmByTypingProps) {
  return (
    <Modal opened={props.isOpen} onClose={props.onClose} title={props.title}>
      <ConfirmForm {...props} />
    </Modal>
  );
}

function ConfirmForm({ onClose, children, phrase, action, onConfirm }: ConfirmByTypingProps) {
  const [typed, setTyped] = useState('');
  const confirmation = useMutation({ mutationFn: onConfirm, onSuccess: onClose });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (typed === phrase) confirmation.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text component="div">{children}</Text>
        <TextInput
          label={
            <>
              Type <Code>{phrase}</Code> to confirm
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
          error={confirmation.error ? explainError(confirmation.error).title : undefined}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red" disabled={typed !== phrase} loading={confirmation.isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
