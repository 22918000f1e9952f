const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");

let lastMs = 0;
let counter = 0;

/**
 * A UUIDv7: 48 bits of Unix milliseconds, a counter of 12 bits, 60 random bits. Each is greater than the page's one before, so that
 * events of the same millisecond keep the order of their calls. Unlike `crypto.randomUUID` it works on pages without https.
 */
export function uuid(): string {
  const now = Date.now();
  counter = now > lastMs ? 0 : counter + 1;
  lastMs = Math.max(now, lastMs);
  const random = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => hex(byte, 2)).join("");
  const time = hex(lastMs, 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(counter & 4095, 3)}-8${random.slice(1, 4)}-${random.slice(4)}`;
}

/** When an id was made, in epoch milliseconds. */
export const bornAt = (id: string): number => Number(`0x${id.slice(0, 13).replace("-", "")}`);

/** Whether the API would take it as an id: not an accident such as `undefined`, and not too long. */
export const isId = (id: unknown, maxLength: number): id is string =>
  typeof id === "string" &&
  id.length <= maxLength &&
  !/^(null|undefined|nan|none|\[object object]|true|false|guest|anonymous|[0-]*)$/i.test(id.trim());
