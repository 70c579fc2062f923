-- The owner and grants of schema storage as hosted Supabase has them. Runs as supabase_admin at every start, after the
-- tables have been made. Policies decide; migrations write them as postgres, a member of the owner.

alter table storage.buckets owner to supabase_storage_admin;
alter table storage.objects owner to supabase_storage_admin;
grant all on storage.buckets, storage.objects to postgres, anon, authenticated, service_role;
grant execute on all functions in schema storage to postgres, anon, authenticated, service_role;
