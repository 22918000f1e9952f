/** Tells the developer, in the page's console. */
export function warn(...what: unknown[]): undefined {
  // biome-ignore lint/suspicious/noConsole: there is nowhere else to tell it.
  console.warn("[millimetric]", ...what);
}

/** The same function, but it never throws: what goes wrong here must not stop the page. */
export const safely =
  <Args extends unknown[], Result>(work: (...args: Args) => Result) =>
  (...args: Args): Result | undefined => {
    try {
      return work(...args);
    } catch (error) {
      return warn(error);
    }
  };

interface Heard extends WindowEventMap {
  /** Of the document; it bubbles. */
  visibilitychange: Event;
}

/** Listens on the window, safely. */
export const on = <Name extends keyof Heard>(name: Name, work: (event: Heard[Name]) => unknown): void =>
  addEventListener(name, safely(work) as EventListener);
