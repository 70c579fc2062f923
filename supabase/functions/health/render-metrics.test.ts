import { expect, test } from 'vitest';
import { renderMetrics } from './render-metrics.ts';

test('[MTR1] metrics are grouped by name under one head, labels are escaped', () => {
  const text = renderMetrics([
    { metric: 'khq_open_calls', labels: {}, value: 3 },
    { metric: 'khq_open_alerts', labels: { kind: 'error_rate' }, value: 1 },
    { metric: 'khq_open_alerts', labels: { kind: 'a"b\\c\nd' }, value: 2.5 },
  ]);
  expect(text).toBe(
    [
      '# HELP khq_open_calls Calls in flight',
      '# TYPE khq_open_calls gauge',
      'khq_open_calls 3',
      '# HELP khq_open_alerts Alerts whose cause lasts',
      '# TYPE khq_open_alerts gauge',
      'khq_open_alerts{kind="error_rate"} 1',
      'khq_open_alerts{kind="a\\"b\\\\c\\nd"} 2.5',
      '',
    ].join('\n'),
  );
});
