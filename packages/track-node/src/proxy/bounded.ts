/** More bytes came than may. */
export class TooLarge extends Error {}

/** Passes a body on as it comes, and breaks it off with `TooLarge` when it grows over `maxBytes`. */
export function bounded(body: ReadableStream<Uint8Array>, maxBytes: number): ReadableStream<Uint8Array> {
  let bytes = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) controller.error(new TooLarge());
      else controller.enqueue(chunk);
    },
  });
  return body.pipeThrough(count);
}
