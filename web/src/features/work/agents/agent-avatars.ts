import {
  type Icon,
  IconBolt,
  IconBook2,
  IconCode,
  IconHeadset,
  IconLeaf,
  IconPencil,
  IconRobot,
  IconRocket,
  IconScale,
  IconSearch,
  IconSparkles,
} from '@tabler/icons-react';

/** What an agent can look like; its color follows from it. */
export const agentAvatars = {
  robot: { label: 'Robot', icon: IconRobot, color: 'indigo' },
  search: { label: 'Magnifying glass', icon: IconSearch, color: 'blue' },
  pencil: { label: 'Pencil', icon: IconPencil, color: 'orange' },
  code: { label: 'Code', icon: IconCode, color: 'teal' },
  headset: { label: 'Headset', icon: IconHeadset, color: 'grape' },
  scale: { label: 'Scales', icon: IconScale, color: 'cyan' },
  book: { label: 'Book', icon: IconBook2, color: 'lime' },
  rocket: { label: 'Rocket', icon: IconRocket, color: 'red' },
  leaf: { label: 'Leaf', icon: IconLeaf, color: 'green' },
  bolt: { label: 'Bolt', icon: IconBolt, color: 'yellow' },
  sparkles: { label: 'Sparkles', icon: IconSparkles, color: 'pink' },
} as const satisfies Record<string, { label: string; icon: Icon; color: string }>;

export type AgentAvatarName = keyof typeof agentAvatars;

export const isAgentAvatar = (name: string): name is AgentAvatarName => Object.hasOwn(agentAvatars, name);
