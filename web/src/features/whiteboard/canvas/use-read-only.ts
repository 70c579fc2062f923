import { useEffect } from 'react';
import type { Editor } from 'tldraw';

export function useReadOnly(editor: Editor | null, isReadOnly: boolean): void {
  useEffect(() => {
    editor?.updateInstanceState({ isReadonly: isReadOnly });
  }, [editor, isReadOnly]);
}
