import { type FlushResult, Millimetric, type WaitOptions } from "./client.ts";
import { MillimetricError } from "./errors.ts";
import type { Options } from "./options.ts";
import { makeReporter } from "./reporter.ts";
import type { DefaultEvents, EventName, IdentifyEvent, TrackEvent } from "./types.ts";

type Call = <N extends EventName<DefaultEvents>>(event: TrackEvent<DefaultEvents, N>) => string | undefined;
interface Client {
  track: Call;
  identify(identity: IdentifyEvent): string | undefined;
  flush(options?: WaitOptions): Promise<FlushResult>;
  close(options?: WaitOptions): Promise<FlushResult>;
}

let current: Client | undefined;
let report: ReturnType<typeof makeReporter> | undefined;

function missing(name: string): undefined {
  report ??= makeReporter(undefined);
  report(new MillimetricError("not_initialised", `${name} was called before init; nothing was done.`, { count: 1 }));
}

/**
 * Makes the client behind the module-level functions, and returns it. A client of an earlier `init` is closed in the
 * background, after its last events.
 *
 * @throws {MillimetricError} `invalid_options`, with what is wrong
 */
export function init<E extends object = DefaultEvents>(options: Options = {}): Millimetric<E> {
  const client = new Millimetric<E>(options);
  void current?.close();
  current = client as unknown as Client;
  return client;
}

/** `track` of the client that `init` made. Before `init` it warns and does nothing. */
export const track: Call = (event) => (current === undefined ? missing("track") : current.track(event));

/** `identify` of the client that `init` made. Before `init` it warns and does nothing. */
export function identify(identity: IdentifyEvent): string | undefined {
  return current === undefined ? missing("identify") : current.identify(identity);
}

const nothing: FlushResult = { accepted: 0, rejected: 0, dropped: 0, pending: 0 };

/** `flush` of the client that `init` made. Before `init` there is nothing to do. */
export function flush(options?: WaitOptions): Promise<FlushResult> {
  return current?.flush(options) ?? Promise.resolve(nothing);
}

/** `close` of the client that `init` made. Before `init` there is nothing to do. */
export function close(options?: WaitOptions): Promise<FlushResult> {
  return current?.close(options) ?? Promise.resolve(nothing);
}
