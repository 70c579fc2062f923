import { Outlet } from 'react-router';
import { Text } from '@mantine/core';
import classes from './auth-layout.module.css';

/** A form on the left; what the house is about on the right, where there is room for it. */
export function AuthLayout() {
  return (
    <div className={classes.root}>
      <main className={classes.side}>
        <div className={classes.brand}>
          <img src="/favicon.svg" alt="" width={28} height={28} />
          <Text fw="var(--mantine-font-weight-bold)">Kreative HQ</Text>
        </div>
        <div className={classes.form}>
          <Outlet />
        </div>
      </main>
      <aside className={classes.panel} aria-label="About Kreative HQ">
        <div className={classes.claim}>
          <p className={classes.statement}>Every AI dollar has a name on it.</p>
          <p className={classes.detail}>
            One address in front of OpenAI, Anthropic and Moonshot. Each call is attributed to a project and a
            key, held against the budget before it is made, and priced to the tenth decimal.
          </p>
        </div>
        <Strata />
      </aside>
    </div>
  );
}

/** Decoration: layers, as in a stacked chart, of nothing in particular. */
function Strata() {
  return (
    <svg className={classes.strata} viewBox="0 0 640 320" preserveAspectRatio="none" aria-hidden>
      <path d="M0 190C110 150 190 214 300 168S520 96 640 60V320H0Z" />
      <path d="M0 232C120 204 210 252 320 214S540 160 640 128V320H0Z" />
      <path d="M0 274C120 256 230 286 340 260S540 226 640 204V320H0Z" />
    </svg>
  );
}
