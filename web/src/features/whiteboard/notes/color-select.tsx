import { ColorSwatch, Select } from '@mantine/core';
import { NoteColor } from '@contracts/whiteboard.ts';
import { swatches } from './swatches.ts';

type ColorSelectProps = { value?: NoteColor; onChange?: (color: NoteColor) => void };

export function ColorSelect({ value = 'yellow', onChange }: ColorSelectProps) {
  return (
    <Select
      label="Color"
      w={160}
      allowDeselect={false}
      data={NoteColor.options.map((color) => ({ value: color, label: nameOf(color) }))}
      value={value}
      onChange={(color) => onChange?.(NoteColor.parse(color))}
      leftSection={<ColorSwatch color={swatches[value]} size={14} aria-hidden />}
    />
  );
}

const nameOf = (color: NoteColor): string =>
  `${color.charAt(0).toUpperCase()}${color.slice(1).replace('-', ' ')}`;
