import { toFileName } from '../_shared/contracts/to-file-name.ts';
import type { Mail } from '../_shared/mail.ts';
import type { ReportFile } from './report-file.ts';

/** Whose report goes to whom, as the outbox says it. */
export interface DueReport {
  readonly recipient: string;
  readonly every: string;
  readonly report_name: string;
  readonly saved_report_id: string;
  readonly organization_name: string;
  readonly organization_slug: string;
}

/** What became of its query: its rows, or what is wrong with it. */
export type ReportOutcome = { readonly file: ReportFile } | { readonly fault: string };

/** The mail with a report's rows as a file, or with the reason why there are none. */
export function toReportMail(due: DueReport, outcome: ReportOutcome, appUrl: string): Mail {
  const { report_name: name, organization_name: organization } = due;
  const url = `${appUrl}/${due.organization_slug}/reports/${due.saved_report_id}`;
  const about = {
    to: due.recipient,
    footnote: `You have ${name} mailed to you ${frequency(due.every)}. Change that, or end it, under Mail on the report’s page: ${url}`,
  };
  if ('fault' in outcome) {
    return {
      ...about,
      subject: oneLine(`${organization}: ${name} could not be run`),
      paragraphs: [`${name} could not be run.`, outcome.fault],
      action: { label: 'Mend the report', url },
    };
  }
  const { file } = outcome;
  return {
    ...about,
    subject: oneLine(`${organization}: ${name}`),
    paragraphs: [describeFile(name, file)],
    attachment: { name: `${toFileName(name)}.csv`, type: 'text/csv; charset=utf-8', text: file.csv },
    action: { label: 'Open the report', url },
  };
}

function describeFile(name: string, { rows, limit }: ReportFile): string {
  if (rows === 0 && limit === null)
    return `${name} has no rows this time; the attached file is its head alone.`;
  const count = `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`;
  return limit === null
    ? `${name}, ${count}, is attached as a CSV file.`
    : `The first ${count} of ${name} are attached. There are more, but ${limit}. Ask for fewer, or sum them up.`;
}

const frequency = (every: string): string =>
  every === 'day' ? 'every day' : every === 'week' ? 'every Monday' : 'on the first of every month';

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
