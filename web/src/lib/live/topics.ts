/** costs, office: what the database tells. people: what colleagues show each other. */
export type OrganizationStream = 'costs' | 'office' | 'people';

/** What can be listened to. An organization's topics and its boards' bear its epoch; a person's own does not. */
export type Topic =
  | { of: 'person'; userId: string }
  | { of: 'organization'; organizationId: string; stream: OrganizationStream }
  /** changes: what the database tells. people: what those who have it open show each other. */
  | { of: 'board'; organizationId: string; boardId: string; stream: 'changes' | 'people' };

/** Which topic it is, whatever the epoch: listeners with the same key share one channel. */
export function keyOfTopic(topic: Topic): string {
  switch (topic.of) {
    case 'person':
      return `user:${topic.userId}`;
    case 'organization':
      return `org:${topic.organizationId}:${topic.stream}`;
    case 'board':
      return topic.stream === 'changes' ? `board:${topic.boardId}` : `board:${topic.boardId}:people`;
  }
}

/** Its name on the wire, as the policies on `realtime.messages` know it. */
export function nameOfTopic(topic: Topic, epoch: number): string {
  const key = keyOfTopic(topic);
  return topic.of === 'person' ? key : `${key}:${epoch}`;
}

/** Whose membership it takes; null for a person's own topic. */
export const organizationOfTopic = (topic: Topic): string | null =>
  topic.of === 'person' ? null : topic.organizationId;
