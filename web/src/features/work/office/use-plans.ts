import { useMemo } from 'react';
import { useMediaQuery } from '@mantine/hooks';
import { narrow } from '@/ui/breakpoints.ts';
import type { Staff } from './life/staff.ts';
import { type FloorPlan, floorPlanOf } from './plan/floor-plan.ts';

/** The plan that everyone counts in, and the one that suits this screen. */
export function usePlans({ headcount: { agents, offices } }: Staff): { wide: FloorPlan; plan: FloorPlan } {
  const isNarrow = useMediaQuery(narrow, false, { getInitialValueInEffect: false });
  return useMemo(() => {
    const wide = floorPlanOf('wide', { agents, offices });
    return { wide, plan: isNarrow ? floorPlanOf('tall', { agents, offices }) : wide };
  }, [agents, offices, isNarrow]);
}
