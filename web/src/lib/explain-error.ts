import { RequestError } from './errors.ts';

export type Explanation = {
  /** What happened. */
  title: string;
  /** What to do now. */
  advice: string;
};

/** Words for an error, for people. */
export function explainError(error: unknown): Explanation {
  if (isMissingChunk(error)) return notLoaded;
  if (!(error instanceof RequestError)) return unexpected;
  const words = explanations[error.code];
  if (typeof words === 'function') return words(error.details);
  if (words) return words;
  if (error.isForPeople && error.status < 500)
    return { title: error.message, advice: 'Check it and try again.' };
  return byStatus(error.status);
}

type Details = Readonly<Record<string, unknown>>;

const unexpected: Explanation = {
  title: 'Something went wrong on this page.',
  advice: 'Reload it and try again. If it stays, tell the person who runs this installation.',
};

const notLoaded: Explanation = {
  title: 'This page could not be loaded.',
  advice: 'Check your connection, then try again.',
};

/** Every browser has its own words for a script that did not arrive. */
const isMissingChunk = (error: unknown): boolean =>
  error instanceof Error &&
  /dynamically imported module|importing a module script|unable to preload css/i.test(error.message);

const explanations: Readonly<Record<string, Explanation | ((details: Details) => Explanation)>> = {
  unreachable: {
    title: 'The server could not be reached.',
    advice: 'Check your connection, then try again.',
  },
  plan_limit_exceeded: (details) =>
    text(details['limit']) === '0'
      ? {
          title: `The ${capitalized(text(details['plan']))} plan has no ${limitedThing(details)}.`,
          advice: 'Ask an owner for a larger plan.',
        }
      : {
          title: `The ${capitalized(text(details['plan']))} plan has room for ${text(details['limit'])} ${limitedThing(details)}.`,
          advice: 'Remove one that is no longer needed, or ask an owner for a larger plan.',
        },
  too_many_alert_channels: (details) => ({
    title: `An organization has ${text(details['limit'])} alert channels at most.`,
    advice: 'Delete one that is no longer needed.',
  }),
  alert_channel_paused: {
    title: 'This channel says nothing for now.',
    advice: 'Resume or switch it on first, then try again.',
  },
  alert_channel_not_found: { title: 'This channel is not there.', advice: 'Reload the list.' },
  alert_delivery_not_found: { title: 'This delivery is not there.', advice: 'Reload the list.' },
  rate_limited: { title: 'That was too often.', advice: 'Wait ten seconds, then try again.' },
  role_required: (details) => ({
    title: details['role'] === 'owner' ? 'Only an owner can do this.' : 'Only an owner or admin can do this.',
    advice: 'The members page shows who that is.',
  }),
  last_owner: {
    title: 'An organization needs an owner, and this is the last one.',
    advice: 'Make someone else an owner first.',
  },
  already_member: {
    title: 'This person is a member already.',
    advice: 'You find them in the list of members.',
  },
  limit_not_higher: {
    title: 'That is not more than the present limit.',
    advice: 'It may have been raised meanwhile. Look at the budget again.',
  },
  budget_invalid: {
    title: 'This is not a limit that can be held.',
    advice: 'It is zero dollars or more, and warns at up to ten percentages between 1 and 1,000.',
  },
  rate_limit_invalid: {
    title: 'A limit is a whole number, zero or more.',
    advice: 'Leave a field empty where nothing is to be limited.',
  },
  span_archived: {
    title: 'Calls of that time are archived, or beyond what your plan shows.',
    advice: 'The last three months can be priced again.',
  },
  too_many_prices: {
    title: 'An organization has 200 prices of its own at most.',
    advice: 'Remove some that are over.',
  },
  already_decided: {
    title: 'This request is decided already.',
    advice: 'A colleague was quicker. Look at the budget again.',
  },
  already_owner: { title: 'You are the owner already.', advice: 'Choose someone else.' },
  email_invalid: { title: 'This is not an email address.', advice: 'Check it and try again.' },
  invitation_not_found: {
    title: 'This invitation does not hold.',
    advice:
      'It may have been used, withdrawn or expired, or it was sent to another address. Ask for a new one.',
  },
  member_not_found: { title: 'This person is not a member any more.', advice: 'Reload the list.' },
  organization_not_found: {
    title: 'This organization is not there.',
    advice: 'It may have been deleted, or you are no longer a member.',
  },
  project_not_found: {
    title: 'This project is not there.',
    advice: 'It may have been archived by a colleague. Reload the list.',
  },
  personal_keys_off: {
    title: 'Members make no keys of their own here.',
    advice: 'An owner or admin can allow it in Settings, or make one for you.',
  },
  personal_key_of_another: {
    title: 'This is a colleague’s personal key.',
    advice: 'Only they may see its secret. You can revoke or freeze it.',
  },
  too_many_personal_keys: (details) => ({
    title: `You have ${text(details['limit'])} personal keys already.`,
    advice: 'Revoke one that is no longer needed.',
  }),
  budget_caps_personal_keys: {
    title: 'This budget is the cap of this person’s own keys.',
    advice: 'Change its limit, or revoke their personal keys first.',
  },
  proxy_key_ended: {
    title: 'This key was revoked or has expired.',
    advice: 'Extend it, or create a new one.',
  },
  month_is_closed: {
    title: 'This month is closed already.',
    advice: 'A colleague was quicker. Reload the list to see the statement.',
  },
  month_not_over: { title: 'This month is not over yet.', advice: 'Close it once it is.' },
  close_earlier_first: {
    title: 'Another month comes first.',
    advice: 'Months are closed in order. Reload the list to see which one is next.',
  },
  statement_not_found: { title: 'This statement is not there.', advice: 'Reload the list.' },
  agent_not_found: {
    title: 'This agent is not there.',
    advice: 'It may have been archived. Reload the list.',
  },
  board_not_found: { title: 'This board is not there.', advice: 'Go back to the list of boards.' },
  board_note_not_found: {
    title: 'This note is not there any more.',
    advice: 'Someone deleted it meanwhile.',
  },
  board_tab_not_found: { title: 'This tab is not there any more.', advice: 'Reload the board.' },
  board_snapshot_not_found: { title: 'This version is not there any more.', advice: 'Reload the list.' },
  board_locked: {
    title: 'This board is locked.',
    advice: 'Only an owner or admin can change it, or unlock it.',
  },
  too_many_board_snapshots: (details) => ({
    title: `A board keeps ${text(details['limit'])} versions at most.`,
    advice: 'Delete one that is no longer needed.',
  }),
  client_outdated: { title: 'This page is older than the board.', advice: 'Reload it.' },
  task_not_found: { title: 'This task is not there.', advice: 'Reload the list.' },
  task_status: {
    title: 'The task has moved on meanwhile.',
    advice: 'Look at where it stands now, then decide.',
  },
  result_changed: {
    title: 'The result is another by now.',
    advice: 'Read the new one, then approve it or send it back.',
  },
  title_invalid: { title: 'A task needs a title.', advice: 'At most 200 characters say what is to be done.' },
  comment_invalid: { title: 'Say what is to be better.', advice: 'The agent goes on with your comment.' },
  proxy_key_is_internal: {
    title: 'This key is the agents’ own.',
    advice: 'Pause an agent, or freeze the key, to stop what it is used for.',
  },
  proxy_key_not_found: { title: 'This key is not there.', advice: 'Reload the list.' },
  billing_key_not_found: { title: 'This connection is not there.', advice: 'Reload the list.' },
  credential_not_found: { title: 'This credential is not there.', advice: 'Reload the list.' },
  span_invalid: { title: 'That is more than a day.', advice: 'Reload the page and try again.' },
  too_many_reporting_logins: (details) => ({
    title: `An organization has at most ${text(details['limit'])} SQL logins.`,
    advice: 'Revoke one that nobody uses any more.',
  }),
  reporting_connections_exhausted: {
    title: 'This installation has no room for another SQL login.',
    advice: 'Revoke one that nobody uses any more, or ask the person who runs this installation.',
  },
  reporting_unavailable: {
    title: 'SQL reporting is not available here.',
    advice: 'The person who runs this installation finds the reason with npm run doctor.',
  },
  report_timed_out: (details) => ({
    title: `The query took longer than ${text(details['seconds'])} seconds.`,
    advice: 'Ask for a shorter span of time, or for sums instead of single calls.',
  }),
  reporting_login_not_found: { title: 'This SQL login is not there.', advice: 'Reload the list.' },
  slug_mismatch: { title: 'That is not the organization’s address.', advice: 'Type it exactly as shown.' },
  sign_in_required: { title: 'You are signed out.', advice: 'Sign in again.' },
  '23505': (details) => ({ title: takenThing(details['constraint']), advice: 'Choose another one.' }),
  '23514': (details) => ({ title: invalidThing(details['constraint']), advice: 'Check it and try again.' }),
};

function byStatus(status: number): Explanation {
  if (status === 401) return { title: 'You are signed out.', advice: 'Sign in again.' };
  if (status === 403)
    return { title: 'Your role does not allow this.', advice: 'An owner or admin of the organization can.' };
  if (status === 404)
    return { title: 'This is not there.', advice: 'It may have been removed. Reload the page.' };
  if (status === 429) return { title: 'That was too often.', advice: 'Wait a minute, then try again.' };
  if (status >= 500)
    return { title: 'The server could not do this.', advice: 'Try again in a moment. Nothing was changed.' };
  return unexpected;
}

const limitedThings: Readonly<Record<string, string>> = {
  members: 'members, open invitations counted in',
  providers: 'providers',
  board_exports: 'export of boards',
  board_image_mb: 'MB of images on boards',
  board_images: 'images on boards',
  board_versions: 'versions of boards',
  boards: 'boards',
  signed_webhooks: 'signed webhooks',
  tasks_month: 'tasks a month, restarts counted in',
};

const limitedThing = (details: Details): string => {
  const resource = text(details['resource']);
  const things = limitedThings[resource] ?? resource.replaceAll('_', ' ');
  return text(details['limit']) === '1' ? things.replace(/s\b/, '') : things;
};

const takenThings: Readonly<Record<string, string>> = {
  organization_prices_unique: 'There is a price of this from this moment on already.',
  organizations_slug_unique: 'This address is taken.',
  projects_name_unique: 'A project with this name exists already.',
  model_aliases_unique: 'There is an alias with this name already.',
  agents_name_unique: 'An agent with this name exists already.',
  budgets_unique: 'There is a budget of this for this period already. Change its limit instead.',
};

const takenThing = (constraint: unknown): string => takenThings[text(constraint)] ?? 'This exists already.';

const invalidThings: Readonly<Record<string, string>> = {
  organization_prices_discount_percent: 'A discount is between 0 and 100 percent.',
  organizations_slug_format: 'An address has lower-case letters, digits and hyphens, at most 48.',
  organizations_name_length: 'A name has between 1 and 100 characters.',
  organizations_time_zone_known: 'This time zone is not known.',
  projects_name_length: 'A name has between 1 and 100 characters.',
  organizations_personal_key_limit_not_negative: 'A limit is zero or more dollars.',
  projects_body_days_range: 'Bodies are kept between 1 and 90 days.',
  proxy_keys_name_length: 'A name has between 1 and 100 characters.',
  model_aliases_name_format: 'An alias has letters, digits, dots, hyphens, colons and underscores.',
  provider_credentials_name_length: 'A name has between 1 and 100 characters.',
  boards_name_length: 'A name has between 1 and 100 characters.',
  agents_name_length: 'A name has between 1 and 60 characters.',
  agents_max_task_usd_positive: 'The most that a task may cost is more than zero.',
  saved_reports_name_length: 'A name has between 1 and 100 characters.',
  saved_reports_query_length: 'A query has between 1 and 20,000 characters.',
};

const invalidThing = (constraint: unknown): string =>
  invalidThings[text(constraint)] ?? 'This value is not allowed here.';

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
