import { notifications } from '@mantine/notifications';
import { explainError } from '@/lib/explain-error.ts';

export function notifyDone(message: string): void {
  notifications.show({ message, autoClose: 4000, withBorder: true });
}

export function notifyError(error: unknown): void {
  const { title, advice } = explainError(error);
  notifications.show({ title, message: advice, color: 'red', autoClose: 10_000, withBorder: true });
}
