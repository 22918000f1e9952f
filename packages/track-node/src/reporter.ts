import process from "node:process";
import type { MillimetricError, MillimetricErrorCode } from "./errors.ts";

type OnError = (error: MillimetricError) => unknown;

function warn(error: MillimetricError): void {
  // Warnings are printed a tick later, which an ending process does not have.
  if (error.code === "lost_at_exit") process.stderr.write(`${error.message}\n`);
  else process.emitWarning(error.message, { type: "MillimetricWarning", code: error.code });
}

function warnOncePerCode(): OnError {
  const seen = new Set<MillimetricErrorCode>();
  return (error) => {
    if (seen.has(error.code)) return;
    seen.add(error.code);
    warn(error);
  };
}

/** Hands errors to `onError`, and never lets one of its own through. Without an `onError`, warns once per code. */
export function makeReporter(onError: OnError | undefined): (error: MillimetricError) => void {
  const handle = onError ?? warnOncePerCode();
  const failed = (cause: unknown) =>
    process.emitWarning(`Millimetric: onError itself failed: ${cause}`, { type: "MillimetricWarning" });
  return (error) => {
    try {
      const result = handle(error);
      if (result instanceof Promise) result.catch(failed);
    } catch (cause) {
      failed(cause);
    }
  };
}
