import { Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useOrganization } from '@/lib/organization.tsx';
import { credentialQueries, isSandbox } from '../credentials/credential-queries.ts';
import { providerLabel } from '../credentials/provider-label.ts';
import classes from './model-aliases.module.css';
import { readTarget } from './read-target.ts';

/** A model and whose it is; marked where no credential could ask it. */
export function TargetName({ target }: { target: string }) {
  const { id } = useOrganization();
  const { data: credentials } = useQuery(credentialQueries.list(id));
  const { provider, model } = readTarget(target);
  const isUnserved =
    credentials?.some((each) => each.is_active && (each.provider === provider || isSandbox(each))) === false;
  return (
    <span className={classes.target}>
      <span className={classes.model}>{model}</span>
      <Text span inherit c="dimmed">
        {providerLabel(provider)}
      </Text>
      {isUnserved && (
        <Tooltip label={`Passed over: ${providerLabel(provider)} has no active credential.`}>
          <IconPlugConnectedX
            size={16}
            stroke={1.5}
            role="img"
            aria-label={`${providerLabel(provider)} has no active credential`}
            className={classes.warning}
          />
        </Tooltip>
      )}
    </span>
  );
}
