import { type ReactNode, useRef, useState } from 'react';
import { ActionIcon, Group, Input, VisuallyHidden } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react';
import { AddTarget } from './add-target.tsx';
import classes from './model-aliases.module.css';
import { moveTarget } from './move-target.ts';
import { readTarget } from './read-target.ts';
import { TargetName } from './target-name.tsx';

const mostTargets = 5;

type TargetsFieldProps = {
  targets: readonly string[];
  onChange: (targets: string[]) => void;
  error: ReactNode;
};

/** The models that an alias stands for: added, put in order and taken away, by keyboard as well. */
export function TargetsField({ targets, onChange, error }: TargetsFieldProps) {
  const list = useRef<HTMLOListElement>(null);
  const [said, say] = useState('');
  // What was pressed has moved or is gone: the focus goes with it, or to what took its place.
  const focusOn = (place: number, action: Action): void => {
    requestAnimationFrame(() => {
      const row = list.current?.children[Math.min(place, list.current.children.length - 1)];
      row?.querySelector<HTMLElement>(`[data-action='${action}']`)?.focus();
    });
  };
  const move = (place: number, action: 'up' | 'down'): void => {
    const to = action === 'up' ? place - 1 : place + 1;
    if (to < 0 || to >= targets.length) return;
    onChange(moveTarget(targets, place, to));
    say(`${modelOf(targets[place])} is asked as number ${to + 1} of ${targets.length}.`);
    focusOn(to, action);
  };
  const remove = (place: number): void => {
    onChange(targets.filter((_, index) => index !== place));
    say(`${modelOf(targets[place])} was removed.`);
    focusOn(place, 'remove');
  };
  return (
    <Input.Wrapper
      label="Models, in the order in which they are asked"
      description="The next is asked when one fails before its answer begins."
      error={error}
      labelElement="div"
    >
      {targets.length > 0 && (
        <ol className={classes.rows} ref={list} aria-label="Models in order">
          {targets.map((target, place) => (
            <li key={target} className={classes.row}>
              <TargetName target={target} />
              <RowActions
                target={target}
                isFirst={place === 0}
                isLast={place === targets.length - 1}
                onMove={(action) => move(place, action)}
                onRemove={() => remove(place)}
              />
            </li>
          ))}
        </ol>
      )}
      {targets.length < mostTargets && (
        <AddTarget chosen={targets} onAdd={(target) => onChange([...targets, target])} />
      )}
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </Input.Wrapper>
  );
}

type Action = 'up' | 'down' | 'remove';

type RowActionsProps = {
  target: string;
  isFirst: boolean;
  isLast: boolean;
  onMove: (action: 'up' | 'down') => void;
  onRemove: () => void;
};

function RowActions({ target, isFirst, isLast, onMove, onRemove }: RowActionsProps) {
  const model = modelOf(target);
  const icon = { size: 16, stroke: 1.5 };
  // Not disabled for real at the ends: what has the focus would lose it.
  const atEnd = (isEnd: boolean) => (isEnd ? { className: classes.still, 'aria-disabled': true } : {});
  return (
    <Group gap={2} wrap="nowrap">
      <ActionIcon
        variant="subtle"
        color="gray"
        data-action="up"
        aria-label={`Move ${model} up`}
        onClick={() => onMove('up')}
        {...atEnd(isFirst)}
      >
        <IconArrowUp {...icon} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        data-action="down"
        aria-label={`Move ${model} down`}
        onClick={() => onMove('down')}
        {...atEnd(isLast)}
      >
        <IconArrowDown {...icon} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        data-action="remove"
        aria-label={`Remove ${model}`}
        onClick={onRemove}
      >
        <IconX {...icon} />
      </ActionIcon>
    </Group>
  );
}

const modelOf = (target = ''): string => readTarget(target).model;
