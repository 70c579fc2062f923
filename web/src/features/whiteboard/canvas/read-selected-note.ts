import { type Editor, renderPlaintextFromRichText } from 'tldraw';

export type SelectedNote = {
  id: string;
  text: string;
  /** Of which task it is the result. */
  taskId: string | null;
};

/** The note that alone is selected, if one is. */
export function readSelectedNote(editor: Editor): SelectedNote | null {
  const shape = editor.getOnlySelectedShape();
  if (shape === null || !editor.isShapeOfType(shape, 'note')) return null;
  const { task_id: taskId } = shape.meta;
  return {
    id: shape.id,
    text: renderPlaintextFromRichText(editor, shape.props.richText),
    taskId: typeof taskId === 'string' ? taskId : null,
  };
}
