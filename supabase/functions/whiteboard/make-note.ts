import { toRichText } from '@tldraw/tlschema';
import type { NoteColor } from '../_shared/contracts/whiteboard.ts';
import type { BoardRecord } from './judge-record.ts';

const noteSize = 200;
const gap = 20;
const inARow = 5;

/** A sticky note, below and beside those that are on its page already. */
export function makeNote(note: {
  id: string;
  pageId: string;
  /** How many notes the page has. */
  count: number;
  text: string;
  color: NoteColor;
  meta?: Readonly<Record<string, string>>;
}): BoardRecord {
  return {
    id: note.id,
    typeName: 'shape',
    type: 'note',
    parentId: note.pageId,
    // Notes of one index are told apart by their ids.
    index: 'a1',
    x: (note.count % inARow) * (noteSize + gap),
    y: Math.floor(note.count / inARow) * (noteSize + gap),
    rotation: 0,
    isLocked: false,
    opacity: 1,
    meta: note.meta ?? {},
    props: {
      color: note.color,
      labelColor: 'black',
      size: 'm',
      font: 'draw',
      fontSizeAdjustment: null,
      align: 'middle',
      verticalAlign: 'middle',
      growY: 0,
      url: '',
      richText: toRichText(note.text),
      scale: 1,
      textLastEditedBy: null,
    },
  };
}
