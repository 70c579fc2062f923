import { Accordion, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { AsyncView } from '@/ui/async-view.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { reportQueries, type View } from './report-queries.ts';
import classes from './reports.module.css';

/** What can be asked: each view with its columns; choosing a column writes it into the query. */
export function ViewReference({ onInsert }: { onInsert: (text: string) => void }) {
  return (
    <aside aria-labelledby="view-reference">
      <Title order={2} id="view-reference" mb="xs">
        Views
      </Title>
      <AsyncView
        query={useQuery(reportQueries.views())}
        skeleton={<TableSkeleton rows={8} label="Loading the views" />}
      >
        {(views) => (
          <Accordion variant="separated" chevronSize={16} order={3} styles={accordion}>
            {views.map((view) => (
              <Accordion.Item key={view.name} value={view.name}>
                <Accordion.Control>
                  <span className={classes.viewName}>{view.name}</span>
                </Accordion.Control>
                <Accordion.Panel>
                  <Columns view={view} onInsert={onInsert} />
                </Accordion.Panel>
              </Accordion.Item>
            ))}
          </Accordion>
        )}
      </AsyncView>
    </aside>
  );
}

function Columns({ view, onInsert }: { view: View; onInsert: (text: string) => void }) {
  return (
    <>
      <Text size="xs" mb="sm">
        {view.comment}
      </Text>
      <dl className={classes.viewColumns}>
        {view.columns.map(({ name, type, comment }) => (
          <div key={name}>
            <dt>
              <button
                type="button"
                className={classes.columnName}
                onClick={() => onInsert(name)}
                title={`Write ${name} into the query`}
              >
                {name}
              </button>{' '}
              <Text span size="xs" c="dimmed" ff="monospace">
                {shorten(type)}
              </Text>
            </dt>
            <dd>{comment}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

const shorten = (type: string): string => type.replace('timestamp with time zone', 'timestamptz');

const accordion = {
  control: { paddingInline: 10, minHeight: 34 },
  label: { paddingBlock: 6 },
  content: { paddingInline: 10 },
  item: { marginTop: 4 },
};
