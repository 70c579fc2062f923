import { useState } from 'react';
import { Group, SegmentedControl } from '@mantine/core';
import { CopyButton } from './copy-button.tsx';
import classes from './code-tabs.module.css';

type Snippet = { label: string; code: string };

/** The same thing in several languages, one at a time, each to copy. */
export function CodeTabs({ snippets, label }: { snippets: readonly Snippet[]; label: string }) {
  const [chosen, choose] = useState(snippets[0]?.label ?? '');
  const snippet = snippets.find((candidate) => candidate.label === chosen) ?? snippets[0];
  if (!snippet) return null;
  return (
    <section className={classes.root} aria-label={label}>
      <Group className={classes.bar} justify="space-between" wrap="nowrap" gap="xs">
        <SegmentedControl
          size="xs"
          value={snippet.label}
          onChange={choose}
          data={snippets.map((each) => each.label)}
          aria-label="Language"
          classNames={{ root: classes.tabs }}
        />
        <CopyButton value={snippet.code} label={`Copy ${snippet.label}`} />
      </Group>
      {/* Focusable, so that a keyboard can scroll what does not fit. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <pre className={classes.code} tabIndex={0}>
        <code>{snippet.code}</code>
      </pre>
    </section>
  );
}
