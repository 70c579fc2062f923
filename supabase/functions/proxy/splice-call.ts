import { AppError } from '../_shared/errors.ts';
import type { Bytes, Splice } from './call.ts';
import { type Member, scanMembers } from './scan-members.ts';

export interface CallEdits {
  /** The name that upstream knows, where the client's has a prefix. */
  readonly model: string | null;
  readonly asksUsage: boolean;
  /** The body is a form, where texts stand as they are. */
  readonly isForm?: boolean;
}

/** The edits that make a client's body upstream's, as ranges of its bytes. Nothing else is touched. */
export function spliceCall(bytes: Bytes, members: ReadonlyMap<string, Member>, edits: CallEdits): Splice[] {
  const splices: Splice[] = [];
  const model = members.get('model');
  if (edits.model !== null && model !== undefined) {
    splices.push({
      start: model.start,
      end: model.end,
      text: edits.isForm === true ? edits.model : JSON.stringify(edits.model),
    });
  }
  if (edits.asksUsage) splices.push(askUsage(bytes, members.get('stream_options')));
  return splices;
}

const usageOption = '"include_usage":true';
const openBrace = 0x7b;

/** Only for bodies whose stream options are absent, null, or an object that leaves usage out or off. */
function askUsage(bytes: Bytes, options: Member | undefined): Splice {
  // A body that names a model has at least one member: the comma is right.
  if (options === undefined)
    return insert(bytes.indexOf(openBrace) + 1, `"stream_options":{${usageOption}},`);
  if (bytes[options.start] !== openBrace) return { ...options, text: `{${usageOption}}` };
  const members = scanMembers(bytes, options.start) ?? [];
  const [asked, ...others] = members.filter(({ key }) => key === 'include_usage');
  if (others.length > 0) throw new AppError('duplicate_member', { param: 'stream_options.include_usage' });
  if (asked !== undefined) return { ...asked, text: 'true' };
  return insert(options.start + 1, members.length === 0 ? usageOption : `${usageOption},`);
}

function insert(at: number, text: string): Splice {
  return { start: at, end: at, text };
}
