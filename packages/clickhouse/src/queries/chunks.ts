/** Bytes of ids in one bound value. A server takes 128 KB per value (http_max_field_value_size); escaping may double them. */
export const mostIdBytes = 60_000;

/** Consecutive items whose ids fit into one bound value together. */
export function* chunksByBytes<Item>(
  items: Iterable<Item>,
  idsOf: (item: Item) => readonly string[],
  most = mostIdBytes,
): Generator<Item[]> {
  let chunk: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    // Quotes and a comma.
    const own = idsOf(item).reduce((sum, id) => sum + Buffer.byteLength(id) + 3, 0);
    if (chunk.length > 0 && bytes + own > most) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(item);
    bytes += own;
  }
  if (chunk.length > 0) yield chunk;
}

/** The visitors, each once, or none where that means all of them: when more than one bound value can hold are to be looked at. */
export function narrowed(devices: Iterable<string>): string[] {
  const all = [...new Set(devices)];
  const [, more] = chunksByBytes(all, (id) => [id]);
  return more === undefined ? all : [];
}
