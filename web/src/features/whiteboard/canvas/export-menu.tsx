import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { Editor } from 'tldraw';
import { unwrap } from '@/lib/errors.ts';
import { saveFile } from '@/lib/save-file.ts';
import { supabase } from '@/lib/supabase.ts';
import { notifyError } from '@/ui/notify.ts';
import type { Board } from '../boards/board-queries.ts';

const formats = ['png', 'svg', 'json'] as const;
type Format = (typeof formats)[number];

/** The page that is shown as a picture, or all of the board as records. */
export function ExportMenu({ board, editor }: { board: Board; editor: Editor }) {
  const exporting = useMutation({
    mutationFn: (format: Format) => exportBoard(board, editor, format),
    onError: notifyError,
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          loading={exporting.isPending}
          leftSection={<IconDownload size={14} stroke={1.5} aria-hidden />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map((format) => (
          <Menu.Item key={format} onClick={() => exporting.mutate(format)}>
            {format === 'json' ? 'Whole board as JSON' : `This page as ${format.toUpperCase()}`}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

async function exportBoard({ id, name }: Board, editor: Editor, format: Format): Promise<void> {
  // Also for pictures, which are made here: whether the plan has exports, the database says.
  const whole = unwrap(await supabase().rpc('export_board', { board_id: id }));
  if (format === 'json') {
    saveFile(new Blob([JSON.stringify(whole, null, 2)], { type: 'application/json' }), `${name}.json`);
    return;
  }
  const shapes = [...editor.getCurrentPageShapeIds()];
  const { blob } = await editor.toImage(shapes, { format, background: true });
  saveFile(blob, `${name}.${format}`);
}
