import { useState } from 'react';
import { Alert, Modal, Select, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { FormSkeleton } from '@/ui/skeletons.tsx';
import { frequencyWords, mailFrequencies, toMailFrequency } from './mail-frequencies.ts';
import { type ReportMail, reportQueries } from './report-queries.ts';
import { mailReport } from './report-writes.ts';

type ReportMailModalProps = {
  report: { id: string; name: string };
  isOpen: boolean;
  onClose: () => void;
};

/** Whether and how often a saved report is mailed to whoever is signed in: everyone decides for themselves. */
export function ReportMailModal({ report, isOpen, onClose }: ReportMailModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Mail ${report.name}`}>
      <ReportMails report={report} onClose={onClose} />
    </Modal>
  );
}

function ReportMails({ report, onClose }: Omit<ReportMailModalProps, 'isOpen'>) {
  const { id } = useOrganization();
  return (
    <AsyncView query={useQuery(reportQueries.mails(id))} skeleton={<FormSkeleton fields={1} />}>
      {(mails) => (
        <ReportMailForm
          report={report}
          mail={mails.find(({ saved_report_id }) => saved_report_id === report.id)}
          onClose={onClose}
        />
      )}
    </AsyncView>
  );
}

type ReportMailFormProps = Omit<ReportMailModalProps, 'isOpen'> & { mail: ReportMail | undefined };

function ReportMailForm({ report, mail, onClose }: ReportMailFormProps) {
  const { id, timeZone } = useOrganization();
  const client = useQueryClient();
  const [every, setEvery] = useState(toMailFrequency(mail?.every ?? null));
  const save = useMutation({
    mutationFn: () => mailReport(report.id, every),
    onSuccess: () => {
      notifyDone(
        every === null ? `${report.name} is not mailed to you any more.` : `${report.name} is mailed to you.`,
      );
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: reportQueries.mails(id).queryKey }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        <FormFailure error={save.error} />
        {mail?.last_error != null && (
          <Alert
            color="orange"
            icon={<IconAlertTriangle size={18} stroke={1.5} />}
            title="The last one did not arrive"
          >
            {mail.last_error}
          </Alert>
        )}
        <Select
          label="Mail it to me"
          description={`At 8:00 in the organization’s time zone, ${timeZone}, with its rows, 10,000 at most, as a CSV file of 5 MB at most. To you alone; others choose for themselves.`}
          data={[
            { value: '', label: 'Never' },
            ...mailFrequencies.map((value) => ({ value, label: frequencyWords[value] })),
          ]}
          allowDeselect={false}
          value={every ?? ''}
          onChange={(value) => setEvery(toMailFrequency(value))}
        />
        {mail !== undefined && (
          <Text size="sm" c="dimmed">
            The next one goes <RelativeTime at={mail.due_at} />
            {mail.sent_at !== null && (
              <>
                ; the last one went <RelativeTime at={mail.sent_at} />
              </>
            )}
            .
          </Text>
        )}
        <FormButtons action="Save" isPending={save.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
