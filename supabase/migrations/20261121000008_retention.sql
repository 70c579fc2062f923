-- Retention: after 90 days the ledger's rows go to a storage bucket, and their month is dropped. Rollups stay.

-- § Dropping months --------------------------------------------------------------------------------------------

create function private.detach_usage_partition(partition text) returns boolean
  -- Whoever waits for this lock lets every later call wait behind it: rather not got than waited for.
  language plpgsql set search_path = '' set lock_timeout = '50ms' as $$
begin
  for attempt in 1..10 loop
    begin
      execute format('alter table public.ai_usage detach partition private.%I', partition);
      return true;
    exception when lock_not_available then
      -- The calls that came meanwhile go first.
      perform pg_sleep(0.1 + random() * 0.2);
    end;
  end loop;
  return false;
end $$;
comment on function private.detach_usage_partition is 'Takes a month out of the ledger without making a call wait for longer than a moment; false when it was too busy, to be tried again. Dropping the table is a transaction of its own, which locks no call out.';
