/**
 * Writes a MaxMind database by its specification (maxmind.github.io/MaxMind-DB): a binary search tree over address bits, 16 zero
 * bytes, data, metadata. IPv4 networks lie under ::/96, as in the real files.
 */
export function mmdb(networks: Readonly<Record<string, unknown>>): Buffer {
  const records = new Map<string, number>();
  const data: Buffer[] = [];
  let dataLength = 0;
  const root: Node = [undefined, undefined];
  const nodes = [root];

  for (const [network, value] of Object.entries(networks)) {
    const text = JSON.stringify(value);
    if (!records.has(text)) {
      const bytes = encode(value);
      records.set(text, dataLength);
      data.push(bytes);
      dataLength += bytes.length;
    }
    insert(bitsOf(network), records.get(text) ?? 0);
  }

  function insert(bits: string, record: number): void {
    let node = root;
    for (const [depth, bit] of [...bits].entries()) {
      const side = bit === "0" ? 0 : 1;
      if (depth === bits.length - 1) {
        node[side] = record;
        return;
      }
      const next = node[side];
      if (Array.isArray(next)) {
        node = next;
      } else {
        const made: Node = [undefined, undefined];
        nodes.push(made);
        node[side] = made;
        node = made;
      }
    }
  }

  const tree = Buffer.alloc(nodes.length * 6);
  for (const [index, node] of nodes.entries())
    for (const side of [0, 1] as const) {
      const to = node[side];
      // A node, nothing, or a record: 16 is the separator between tree and data.
      const pointer = Array.isArray(to) ? nodes.indexOf(to) : nodes.length + (to === undefined ? 0 : to + 16);
      tree.writeUIntBE(pointer, index * 6 + side * 3, 3);
    }
  const metadata = {
    node_count: nodes.length,
    record_size: 24,
    ip_version: 6,
    database_type: "Test-Country",
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    languages: ["en"],
    description: { en: "made by a test" },
  };
  const marker = Buffer.concat([Buffer.from("abcdef", "hex"), Buffer.from("MaxMind.com")]);
  return Buffer.concat([tree, Buffer.alloc(16), ...data, marker, encode(metadata)]);
}

type Node = [Node | number | undefined, Node | number | undefined];

/** `81.2.69.0/24` or `2001:db8:0:0:0:0:0:0/32` (every group written) as the bits that lead to it. */
function bitsOf(network: string): string {
  const [address = "", length = "0"] = network.split("/");
  const binary = (text: string, base: number, width: number) =>
    Number.parseInt(text, base).toString(2).padStart(width, "0");
  if (address.includes("."))
    return `${"0".repeat(96)}${address
      .split(".")
      .map((byte) => binary(byte, 10, 8))
      .join("")}`.slice(0, 96 + Number(length));
  return address
    .split(":")
    .map((group) => binary(group, 16, 16))
    .join("")
    .slice(0, Number(length));
}

function encode(value: unknown): Buffer {
  if (typeof value === "string") return field(2, Buffer.from(value));
  if (typeof value === "number") {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return field(6, bytes);
  }
  if (Array.isArray(value)) return Buffer.concat([field(11, Buffer.alloc(0), value.length), ...value.map(encode)]);
  const entries = Object.entries(value as object);
  return Buffer.concat([field(7, Buffer.alloc(0), entries.length), ...entries.flat().map(encode)]);
}

/** Control byte, extended type where needed, payload. Everything here is shorter than 29. */
function field(type: number, payload: Buffer, size = payload.length): Buffer {
  if (size >= 29) throw new Error("too long for this writer");
  const control = type > 7 ? [size, type - 7] : [(type << 5) | size];
  return Buffer.concat([Buffer.from(control), payload]);
}
