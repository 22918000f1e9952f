/** A body that is passed on as it comes, and broken off when it grows over the limit. */
export interface BoundedBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Whether it grew over the limit: what `fetch` throws then differs between runtimes. */
  isOver(): boolean;
}

export function bounded(body: ReadableStream<Uint8Array>, maxBytes: number): BoundedBody {
  let bytes = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) controller.error(new RangeError(`The body is over ${maxBytes} bytes.`));
      else controller.enqueue(chunk);
    },
  });
  return { stream: body.pipeThrough(count), isOver: () => bytes > maxBytes };
}
