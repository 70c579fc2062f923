import { createTLSchema, toRichText, type TLRecord, type TLStore } from '@tldraw/tlschema';
import { Store } from '@tldraw/store';

type Shape = Extract<TLRecord, { typeName: 'shape' }>;

/** A store as the page has it, without an editor on it. */
export function makeBoardStore(): TLStore {
  const schema = createTLSchema();
  return new Store({
    schema,
    props: {
      defaultName: '',
      assets: {
        upload: () => Promise.reject(new Error('No uploads.')),
        resolve: () => null,
        remove: async () => {},
      },
      users: asUsers({}),
      onMount: () => undefined,
    },
  });
}

const common = {
  typeName: 'shape',
  rotation: 0,
  isLocked: false,
  opacity: 1,
  meta: {},
} as const;

export type Place = { parentId: string; x: number; y: number; index?: string };

export const makeNote = (id: string, place: Place, text = ''): Shape =>
  asShape({
    ...common,
    id,
    type: 'note',
    index: 'a1',
    ...place,
    props: {
      color: 'yellow',
      labelColor: 'black',
      size: 'm',
      font: 'draw',
      fontSizeAdjustment: null,
      align: 'middle',
      verticalAlign: 'middle',
      growY: 0,
      url: '',
      richText: toRichText(text),
      scale: 1,
      textLastEditedBy: null,
    },
  });

export const makeStroke = (id: string, place: Place, path = 'AAAA'): Shape =>
  asShape({
    ...common,
    id,
    type: 'draw',
    index: 'a1',
    ...place,
    props: {
      color: 'black',
      fill: 'none',
      dash: 'draw',
      size: 'm',
      segments: [{ type: 'free', path }],
      isComplete: false,
      isClosed: false,
      isPen: false,
      scale: 1,
      scaleX: 1,
      scaleY: 1,
    },
  });

export const makeBox = (id: string, place: Place): Shape =>
  asShape({
    ...common,
    id,
    type: 'geo',
    index: 'a1',
    ...place,
    props: {
      geo: 'rectangle',
      dash: 'draw',
      url: '',
      w: 100,
      h: 100,
      growY: 0,
      scale: 1,
      flipX: false,
      flipY: false,
      labelColor: 'black',
      color: 'blue',
      fill: 'none',
      size: 'm',
      font: 'draw',
      align: 'middle',
      verticalAlign: 'middle',
      richText: toRichText(''),
    },
  });

/** Guarantee: a store validates it; a wrong one is a red test. */
function asShape(record: object): Shape {
  return record as Shape;
}

/** Guarantee: nothing asks for users here. */
function asUsers(users: object): TLStore['props']['users'] {
  return users as TLStore['props']['users'];
}
