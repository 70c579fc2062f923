import { Avatar } from '@mantine/core';
import { agentAvatars, isAgentAvatar } from './agent-avatars.ts';

/** An agent's picture; its name stands beside it. */
export function AgentAvatar({ avatar, size = 28 }: { avatar: string; size?: number }) {
  const { icon: AvatarIcon, color } = agentAvatars[isAgentAvatar(avatar) ? avatar : 'robot'];
  return (
    <Avatar size={size} color={color} radius="xl" aria-hidden>
      <AvatarIcon size={size * 0.6} stroke={1.6} />
    </Avatar>
  );
}
