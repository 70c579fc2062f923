-- Realtime: which channels there are, and who hears them.
--
-- Postgres orders, broadcast only hints: what is sent may be lost, so every stream can be read from the database too.
-- Topics are `org:<organization>:<stream>:<epoch>` and `user:<person>`; a board has one of its own (whiteboard). The
-- epoch moves on when a member leaves: hosted Realtime asks policies when a channel is joined, and again only when its
-- token changes, so who is gone is left behind on a topic that nothing is sent to any more.

create function private.organization_topic(organization_id uuid, stream text) returns text
  language sql stable set search_path = '' as $$
  select format('org:%s:%s:%s', o.id, stream, o.topic_epoch)
  from public.organizations o where o.id = organization_topic.organization_id
$$;
comment on function private.organization_topic is 'The topic on which a stream (costs, office) of this organization is sent now.';

create function private.send_to_organization(organization_id uuid, stream text, event text, payload jsonb) returns void
  language plpgsql set search_path = '' as $$
begin
  perform realtime.send(payload, event, private.organization_topic(send_to_organization.organization_id, stream));
end $$;
comment on function private.send_to_organization is 'Tells everyone who has this stream of the organization open, after commit, at most once.';

create function private.send_to_person(user_id uuid, event text, payload jsonb) returns void
  language plpgsql set search_path = '' as $$
begin
  perform realtime.send(payload, event, 'user:' || user_id);
end $$;
comment on function private.send_to_person is 'Tells all open tabs of one person, after commit, at most once.';

create function private.is_my_topic(topic text, streams text[]) returns boolean
  -- definer: the caller reads organizations past their policies
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.organizations o
    join public.organization_members m on m.organization_id = o.id and m.user_id = auth.uid()
    where topic like 'org:%' and o.id::text = split_part(topic, ':', 2)
      and split_part(topic, ':', 3) = any (streams)
      and topic = format('org:%s:%s:%s', o.id, split_part(topic, ':', 3), o.topic_epoch)
  )
$$;
comment on function private.is_my_topic is 'Whether this is the topic of now of one of these streams of an organization of the caller.';
grant execute on function private.is_my_topic to authenticated;

create policy "members hear their organizations" on realtime.messages
  for select to authenticated using (
    extension in ('broadcast', 'presence') and private.is_my_topic((select realtime.topic()), array['costs', 'office']));
create policy "members show themselves in their office" on realtime.messages
  for insert to authenticated with check (
    extension in ('broadcast', 'presence') and private.is_my_topic((select realtime.topic()), array['office']));
create policy "people hear what is for them" on realtime.messages
  for select to authenticated using (
    extension = 'broadcast' and (select realtime.topic()) = 'user:' || (select auth.uid()));

create function private.on_member_delete() returns trigger
  -- definer: clients may not change epochs
  language plpgsql security definer set search_path = '' as $$
declare
  epoch int;
begin
  update public.organizations o set topic_epoch = o.topic_epoch + 1 where o.id = old.organization_id
  returning o.topic_epoch into epoch;
  perform private.send_to_person(m.user_id, 'topics_moved',
    jsonb_build_object('organization_id', old.organization_id, 'topic_epoch', epoch))
  from public.organization_members m where m.organization_id = old.organization_id and epoch is not null;
  return null;
end $$;
comment on function private.on_member_delete is 'Moves an organization to new topics when someone leaves, and tells who stays.';
create trigger organization_members_move_topics after delete on public.organization_members
  for each row execute function private.on_member_delete();
