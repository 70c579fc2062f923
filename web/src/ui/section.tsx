import type { ReactNode } from 'react';
import { Text, Title } from '@mantine/core';
import classes from './section.module.css';

type SectionProps = {
  title: string;
  description?: ReactNode;
  /** For links to this part of the page. */
  id?: string;
  children: ReactNode;
};

/** A part of a settings page: what it is on the left, its fields on the right. */
export function Section({ title, description, id, children }: SectionProps) {
  return (
    <section id={id} className={classes.root} aria-label={title}>
      <div>
        <Title order={2}>{title}</Title>
        {description !== undefined && (
          <Text c="dimmed" size="sm" mt={4}>
            {description}
          </Text>
        )}
      </div>
      <div className={classes.body}>{children}</div>
    </section>
  );
}
