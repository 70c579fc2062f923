import { type AddNote, type ChangeNote, type RemoveNote, WrittenNote } from '@contracts/whiteboard.ts';
import { callFunction } from '@/lib/api.ts';

const write = (method: 'POST' | 'PATCH' | 'DELETE', body: unknown): Promise<WrittenNote> =>
  callFunction({ path: '/whiteboard/notes', method, body, answer: WrittenNote });

export const addNote = (note: AddNote): Promise<WrittenNote> => write('POST', note);
export const changeNote = (change: ChangeNote): Promise<WrittenNote> => write('PATCH', change);
export const removeNote = (note: RemoveNote): Promise<WrittenNote> => write('DELETE', note);
