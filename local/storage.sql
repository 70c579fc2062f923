-- The owner and grants of schema storage as hosted Supabase has them. Runs as supabase_admin at every start, after the
-- tables have been made. Policies decide; migrations write them as postgres, a member of the owner.

alter table storage.buckets owner to supabase_storage_admin;
alter table storage.objects owner to supabase_storage_admin;
grant all on storage.buckets, storage.objects to postgres, anon, authenticated, service_role;
grant execute on all functions in schema storage to postgres, anon, authenticated, service_role;

-- What is known of an object is an object there; lite writes it as a text.
create or replace function storage.unwrap_metadata() returns trigger
  language plpgsql set search_path = '' as $$
begin
  if jsonb_typeof(new.metadata) = 'string' then
    new.metadata := (new.metadata #>> '{}')::jsonb;
  end if;
  return new;
end $$;
create or replace trigger objects_unwrap_metadata before insert or update of metadata on storage.objects
  for each row execute function storage.unwrap_metadata();
