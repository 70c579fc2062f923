import { Button, Group } from '@mantine/core';

type FormButtonsProps = { action: string; isPending: boolean; onCancel: () => void };

/** Below a form in a dialog. */
export function FormButtons({ action, isPending, onCancel }: FormButtonsProps) {
  return (
    <Group justify="flex-end" gap="xs">
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
      <Button type="submit" loading={isPending}>
        {action}
      </Button>
    </Group>
  );
}
