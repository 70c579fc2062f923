import type { Role } from '@contracts/tenancy.ts';

export const roleNames: Readonly<Record<Role, string>> = { owner: 'Owner', admin: 'Admin', member: 'Member' };

export const roleMeanings: Readonly<Record<Role, string>> = {
  owner: 'Everything, including deleting the organization',
  admin: 'Invites people; manages projects, keys and credentials',
  member: 'Sees usage and spend; uses what is there',
};
