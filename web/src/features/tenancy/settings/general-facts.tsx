import { DataList } from '@mantine/core';
import type { Tables } from '@db';

/** What members see instead of the form. */
export function GeneralFacts({ row }: { row: Tables<'organizations'> }) {
  return (
    <DataList labelWidth={140}>
      <DataList.Item>
        <DataList.ItemLabel>Organization name</DataList.ItemLabel>
        <DataList.ItemValue>{row.name}</DataList.ItemValue>
      </DataList.Item>
      <DataList.Item>
        <DataList.ItemLabel>Address</DataList.ItemLabel>
        <DataList.ItemValue>/{row.slug}</DataList.ItemValue>
      </DataList.Item>
      <DataList.Item>
        <DataList.ItemLabel>Time zone</DataList.ItemLabel>
        <DataList.ItemValue>{row.time_zone}</DataList.ItemValue>
      </DataList.Item>
    </DataList>
  );
}
