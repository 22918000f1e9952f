/** `unref` where the runtime's timers have it: a timer that was unref'd does not keep the process alive. */
function setRef(timer: ReturnType<typeof setTimeout>, keepsAlive: boolean): void {
  if (typeof timer !== "object") return;
  if (keepsAlive) timer.ref?.();
  else timer.unref?.();
}

/** Runs `action` once after `ms`, unless the process ends before. Returns how to cancel it. */
export function later(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms);
  setRef(timer, false);
  return () => clearTimeout(timer);
}

/** A sleep that can be cut short, and that keeps the process alive only while somebody waits for it. */
export class Pause {
  readonly done: Promise<void>;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #finish: () => void;

  constructor(ms: number, keepsAlive: boolean) {
    const { promise, resolve } = withResolvers();
    this.done = promise;
    this.#finish = resolve;
    this.#timer = setTimeout(resolve, ms);
    setRef(this.#timer, keepsAlive);
  }

  keepAlive(keepsAlive: boolean): void {
    setRef(this.#timer, keepsAlive);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#finish();
  }
}

/** `Promise.withResolvers`, which Node 20 lacks. */
export function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
