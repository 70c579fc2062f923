import { Role } from '@contracts/tenancy.ts';

/** The generated types say text where a check constraint says which. */
export const parseRole = (text: string): Role => Role.parse(text);
