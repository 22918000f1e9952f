import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";

/**
 * Which of these texts are in the files of a folder, and in which: byte by byte in the files as they are, and in every compressed block
 * of ClickHouse's in them. A file that ends or changes meanwhile is looked at as it was.
 */
export function searchFolder(folder: string, texts: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of filesOf(folder)) {
    const bytes = contentOf(file);
    const contents = [bytes, ...blocksOf(bytes)];
    for (const text of texts)
      if (contents.some((content) => content.includes(text))) found.set(text, [...(found.get(text) ?? []), file]);
  }
  return found;
}

/** The engine removes files and folders while we look. */
function unlessGone<T>(look: () => T, gone: T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return gone;
    throw error;
  }
}

/** Tables are reached by symbolic links, too; their files are under `store`. */
function filesOf(folder: string): string[] {
  const entries = unlessGone(() => readdirSync(folder, { withFileTypes: true }), []);
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesOf(path);
    return entry.isFile() ? [path] : [];
  });
}

const contentOf = (file: string): Buffer => unlessGone(() => readFileSync(file), Buffer.alloc(0));

// A block: checksum (16 bytes), method (1), compressed size with this header of 9 (u32 LE), size (u32 LE), content.
const checksumBytes = 16;
const headerBytes = 9;
const methods = { lz4: 0x82, zstd: 0x90, none: 0x02, multiple: 0x91, delta: 0x92 };
const known = new Set(Object.values(methods));
const largest = 64 * 1024 * 1024;

/** The blocks of a column's file one after another, decompressed; none when the file does not consist of blocks. */
function blocksOf(file: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let start = 0; start + checksumBytes + headerBytes <= file.length; ) {
    const body = start + checksumBytes;
    const method = file.readUInt8(body);
    const compressed = file.readUInt32LE(body + 1);
    if (!known.has(method) || compressed < headerBytes || body + compressed > file.length) return blocks;
    blocks.push(...decompressed(file.subarray(body, body + compressed)));
    start = body + compressed;
  }
  return blocks;
}

/** A block without its checksum; what a codec over bytes made of numbers (Delta) holds no text. */
function decompressed(block: Buffer): Buffer[] {
  const method = block.readUInt8(0);
  const size = block.readUInt32LE(5);
  const content = block.subarray(headerBytes);
  if (size > largest) throw new Error("not a block");
  if (method === methods.none) return [content];
  if (method === methods.zstd) return [zstdDecompressSync(content)];
  if (method === methods.lz4) return [lz4(content, size)];
  if (method !== methods.multiple) return [];
  // Codecs one after another: their number, their methods, then the block of the last one.
  const codecs = content.readUInt8(0);
  return decompressed(content.subarray(1 + codecs));
}

function lz4(input: Buffer, size: number): Buffer {
  const output = Buffer.alloc(size);
  let to = 0;
  const length = (short: number, from: { at: number }) => {
    let sum = short;
    if (short === 15) for (let more = 255; more === 255; sum += more) more = input.readUInt8(from.at++);
    return sum;
  };
  for (const from = { at: 0 }; from.at < input.length; ) {
    const token = input.readUInt8(from.at++);
    const literals = length(token >> 4, from);
    input.copy(output, to, from.at, from.at + literals);
    to += literals;
    from.at += literals;
    if (from.at >= input.length) break;
    const offset = input.readUInt16LE(from.at);
    from.at += 2;
    const matched = length(token & 15, from) + 4;
    for (let n = 0; n < matched; n++, to++) output.writeUInt8(output.readUInt8(to - offset), to);
  }
  return output;
}
