import type { z } from 'zod';
import {
  AIRequest,
  AssignedTask,
  AssignTask,
  ChatAnswer,
  CostHistory,
  HistoryQuery,
  Login,
  RealtimeCosts,
  Register,
  Session,
  Team,
  TeamQuery,
  UpdatedNote,
  UpdateWhiteboard,
  Whiteboard,
  WhiteboardQuery,
} from '../_shared/contracts/api.ts';
import type { ErrorCode } from '../_shared/errors.ts';

export interface Endpoint {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly security: 'none' | 'token' | 'proxyKey';
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
  /** What `data` is. Null: the answer is the proxy's own. */
  readonly data: z.ZodType | null;
  readonly status: number;
  readonly mayStream?: boolean;
  readonly errors: readonly ErrorCode[];
}

const forToken = ['unauthenticated', 'plan_limit_exceeded', 'organization_not_found'] as const;
const forKey = ['missing_proxy_key', 'invalid_proxy_key', 'plan_limit_exceeded'] as const;

/** Every path of the API but the document itself, which is made of this. */
export const endpoints: readonly Endpoint[] = [
  {
    method: 'post',
    path: '/auth/register',
    summary: 'Sign up, with a team of one’s own',
    security: 'none',
    body: Register,
    data: Session,
    status: 201,
    errors: ['invalid_request', 'password_refused', 'sign_up_disabled', 'email_taken', 'rate_limited'],
  },
  {
    method: 'post',
    path: '/auth/login',
    summary: 'Sign in',
    security: 'none',
    body: Login,
    data: Session,
    status: 200,
    errors: ['invalid_request', 'invalid_credentials', 'email_not_confirmed', 'rate_limited'],
  },
  {
    method: 'get',
    path: '/team/profile',
    summary: 'The team: its plan, budget and size',
    security: 'token',
    query: TeamQuery,
    data: Team,
    status: 200,
    errors: ['invalid_request', ...forToken],
  },
  {
    method: 'post',
    path: '/agents/assign',
    summary: 'Give an agent a task',
    description:
      'In the name of who asks. It counts against the plan’s tasks of the month, and the agent begins at once.',
    security: 'token',
    body: AssignTask,
    data: AssignedTask,
    status: 201,
    errors: ['invalid_request', ...forToken, 'agent_not_found'],
  },
  {
    method: 'post',
    path: '/chat',
    summary: 'Ask any model of any provider',
    description:
      'Held against the budgets before it is made, and attributed to user, agent and task. With "stream" the answer is ' +
      'a stream of server-sent events: the chunks of a chat completion as OpenAI sends them, whoever answers. With the ' +
      'header x-khq-cache the same request is answered from the cache for so many seconds, at no cost.',
    security: 'proxyKey',
    body: AIRequest,
    data: ChatAnswer,
    status: 200,
    mayStream: true,
    errors: [
      'invalid_request',
      'unsupported_parameter',
      ...forKey,
      'budget_exceeded',
      'caller_mismatch',
      'model_not_allowed',
      'no_provider_credential',
      'frozen',
      'model_not_found',
      'rate_limited',
      'upstream_unreachable',
      'upstream_connect_timeout',
      'ledger_unavailable',
      'upstream_timeout',
    ],
  },
  {
    method: 'post',
    path: '/proxy',
    summary: 'A chat completion as OpenAI takes and answers it',
    description:
      'The body and the answer are OpenAI’s, byte for byte; so are refusals. Paths below, such as /proxy/responses or ' +
      '/proxy/embeddings, are the proxy’s own, so that OpenAI’s clients may have this address as their base.',
    security: 'proxyKey',
    data: null,
    status: 200,
    mayStream: true,
    errors: [...forKey],
  },
  {
    method: 'get',
    path: '/costs/realtime',
    summary: 'What was spent today and this month, up to the last settled call',
    security: 'token',
    query: TeamQuery,
    data: RealtimeCosts,
    status: 200,
    errors: ['invalid_request', ...forToken],
  },
  {
    method: 'get',
    path: '/costs/history',
    summary: 'What was spent by day, provider and model',
    security: 'token',
    query: HistoryQuery,
    data: CostHistory,
    status: 200,
    errors: ['invalid_request', ...forToken],
  },
  {
    method: 'get',
    path: '/whiteboard',
    summary: 'The notes of a board, by tab',
    description: 'The oldest first, page by page.',
    security: 'token',
    query: WhiteboardQuery,
    data: Whiteboard,
    status: 200,
    errors: ['invalid_request', ...forToken, 'board_not_found'],
  },
  {
    method: 'post',
    path: '/whiteboard/update',
    summary: 'Add a note to a board, change or remove one',
    description: 'Whoever has the board open sees it at once.',
    security: 'token',
    body: UpdateWhiteboard,
    data: UpdatedNote,
    status: 200,
    errors: [
      'invalid_request',
      ...forToken,
      'board_locked',
      'board_not_found',
      'board_tab_not_found',
      'board_note_not_found',
      'board_full',
      'record_too_large',
      'board_busy',
    ],
  },
];
