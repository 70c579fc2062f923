import { Code } from '@mantine/core';
import { CopyButton } from '@/ui/copy-button.tsx';
import { useCredentialName } from '../credentials/use-credential-name.ts';
import classes from './call-drawer.module.css';
import type { CallDetail } from './call-queries.ts';
import { Fact, FactList, Facts } from './facts.tsx';

/** What to quote when asking someone about this call. */
export function CallIds({ call }: { call: CallDetail }) {
  const credential = useCredentialName()(call.credential_id);
  return (
    <Facts title="Request">
      <FactList>
        <Fact label="Call">
          <Id value={call.id} label="Copy call id" />
        </Fact>
        {call.request_id !== call.id && (
          <Fact label="Request">
            <Id value={call.request_id} label="Copy request id" />
          </Fact>
        )}
        {call.upstream_request_id !== null && (
          <Fact label="At the provider">
            <Id value={call.upstream_request_id} label="Copy the provider’s request id" />
          </Fact>
        )}
        <Fact label="Dialect">{call.dialect}</Fact>
        {call.http_status !== null && <Fact label="HTTP status">{call.http_status}</Fact>}
        {call.error_code !== null && (
          <Fact label="Error code">
            <Code>{call.error_code}</Code>
          </Fact>
        )}
        {credential !== undefined && <Fact label="Credential">{credential}</Fact>}
      </FactList>
    </Facts>
  );
}

function Id({ value, label }: { value: string; label: string }) {
  return (
    <span className={classes.id}>
      <Code className={classes.idText}>{value}</Code>
      <CopyButton value={value} label={label} />
    </span>
  );
}
