import { type CSSVariablesResolver, createTheme } from '@mantine/core';

const fontFamily = "'Inter Variable', system-ui, sans-serif";

/** Two weights on any screen: regular, and this one. */
const strong = '560';

const oneRadius = '6px';

export const theme = createTheme({
  fontFamily,
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  primaryColor: 'indigo',
  primaryShade: { light: 6, dark: 5 },
  black: '#26231f',
  cursorType: 'pointer',
  respectReducedMotion: true,
  defaultRadius: 'md',
  radius: { xs: '4px', sm: oneRadius, md: oneRadius, lg: oneRadius, xl: '32px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  fontWeights: { regular: '400', medium: strong, bold: strong },
  headings: {
    fontFamily,
    fontWeight: strong,
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  shadows: {
    md: '0 4px 16px rgb(38 35 31 / 0.08), 0 1px 3px rgb(38 35 31 / 0.06)',
    xl: '0 16px 48px rgb(38 35 31 / 0.16), 0 2px 6px rgb(38 35 31 / 0.08)',
  },
  colors: {
    indigo: [
      '#f2f2fc',
      '#e5e5f9',
      '#cbcbf2',
      '#adace9',
      '#918fe2',
      '#6864d4',
      '#4a46bd',
      '#3d3a9e',
      '#33307f',
      '#262461',
    ],
    gray: [
      '#faf9f7',
      '#f4f3f0',
      '#eae8e4',
      '#dfdcd7',
      '#cfcbc5',
      '#a39e96',
      '#6b665f',
      '#57524c',
      '#3d3934',
      '#26231f',
    ],
    red: [
      '#fdf3f2',
      '#fbe4e2',
      '#f5c5c1',
      '#eea099',
      '#e8857c',
      '#d04444',
      '#c42f2f',
      '#a82525',
      '#8c1f1f',
      '#701a1a',
    ],
    orange: [
      '#fff6ec',
      '#ffe9d2',
      '#ffd3a6',
      '#ffba75',
      '#ffa24a',
      '#f58a25',
      '#dc6f0d',
      '#b85a08',
      '#a04d06',
      '#8a4105',
    ],
    dark: [
      '#ebe8e3',
      '#cdc9c2',
      '#a6a199',
      '#7d7871',
      '#3f3c37',
      '#312e2a',
      '#252320',
      '#1a1917',
      '#141311',
      '#0d0c0b',
    ],
  },
  // Plain objects: `Select.extend` would bring every component named here into the first page.
  components: {
    Anchor: { defaultProps: { underline: 'always' } },
    Badge: { defaultProps: { variant: 'light', radius: 'xs', tt: 'none', fw: strong } },
    Button: { defaultProps: { fw: strong } },
    // With the radius of everything else a box this small would look like a choice of one.
    Checkbox: { defaultProps: { radius: 'xs' } },
    Drawer: {
      defaultProps: { position: 'right', size: 480, closeButtonProps: { 'aria-label': 'Close' } },
      styles: { title: { fontWeight: strong }, content: { borderLeft: '1px solid var(--hq-line-strong)' } },
    },
    Menu: {
      defaultProps: { shadow: 'md', transitionProps: { duration: 100 }, withInitialFocusPlaceholder: false },
    },
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.3 },
        transitionProps: { duration: 120 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
      styles: { title: { fontWeight: strong }, content: { border: '1px solid var(--hq-line-strong)' } },
    },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
    PasswordInput: {
      defaultProps: { visibilityToggleButtonProps: { 'aria-label': 'Show or hide what is typed' } },
    },
    Select: { defaultProps: { allowDeselect: false, checkIconPosition: 'right' } },
    Tooltip: { defaultProps: { openDelay: 300, transitionProps: { duration: 100 } } },
  },
});

export const themeVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-default-border': 'var(--mantine-color-gray-3)',
    // Mantine's own text on tinted badges and alerts falls short of AA.
    '--mantine-color-teal-light-color': '#04684b',
    '--mantine-color-error': 'var(--mantine-color-red-8)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-6)',
    '--hq-sidebar': 'var(--mantine-color-gray-0)',
    '--hq-surface': '#ffffff',
    '--hq-hover': 'var(--mantine-color-gray-1)',
    '--hq-line': 'var(--mantine-color-gray-2)',
    '--hq-line-strong': 'var(--mantine-color-gray-3)',
  },
  dark: {
    '--mantine-color-default-border': 'var(--mantine-color-dark-4)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    ...darkTints(['indigo', 'gray', 'red', 'orange', 'teal']),
    '--mantine-color-placeholder': 'var(--mantine-color-dark-2)',
    '--hq-sidebar': 'var(--mantine-color-dark-8)',
    '--hq-surface': '#201e1c',
    '--hq-hover': 'var(--mantine-color-dark-6)',
    '--hq-line': 'var(--mantine-color-dark-5)',
    '--hq-line-strong': 'var(--mantine-color-dark-4)',
  },
});

/** Tinted badges, buttons and avatars: a veil of the color instead of Mantine's opaque, saturated one. */
function darkTints(names: readonly string[]): Record<string, string> {
  const shade = (name: string): string => `var(--mantine-color-${name}-4)`;
  const veil = (name: string, percent: number): string =>
    `color-mix(in srgb, ${shade(name)} ${percent}%, transparent)`;
  return Object.fromEntries(
    names.flatMap((name) => [
      [`--mantine-color-${name}-light`, veil(name, 16)],
      [`--mantine-color-${name}-light-hover`, veil(name, 24)],
      [`--mantine-color-${name}-light-color`, `var(--mantine-color-${name}-2)`],
    ]),
  );
}
