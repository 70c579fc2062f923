import { useEffect, useRef } from 'react';
import { modals } from '@mantine/modals';
import { useBlocker } from 'react-router';

/** Asks before what is not saved is lost; the answer lets the next navigation through. */
export function useLeaveGuard(isChanged: boolean): () => void {
  const isAllowed = useRef(false);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      isChanged && !isAllowed.current && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (blocker.state !== 'blocked') return;
    modals.openConfirmModal({
      title: 'Leave without saving?',
      children: 'What you changed in this query is lost.',
      labels: { confirm: 'Leave', cancel: 'Stay' },
      confirmProps: { color: 'red' },
      onConfirm: () => blocker.proceed(),
      onCancel: () => blocker.reset(),
      onClose: () => {
        if (blocker.state === 'blocked') blocker.reset();
      },
    });
  }, [blocker]);
  return () => {
    isAllowed.current = true;
  };
}
