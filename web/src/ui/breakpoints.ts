/** Below this, tables are cards, drawers fill the screen and the menu hides behind a button. */
export const narrow = '(max-width: 47.99em)';
