import colors from 'picocolors';

export function showRule(text: string, isKept: boolean): boolean {
  console.log(`${isKept ? colors.green('✓') : colors.red('✗')} ${text}`);
  return isKept;
}

export const rounded = (value: number): number => Math.round(value * 100) / 100;
