/** Bits of a UUIDv7 from its text: 48 of time, then 16, then 64. */
export const idTime = (id: string) =>
  `reinterpretAsUInt64(reverse(unhex(concat('0000', substring(${id}, 1, 8), substring(${id}, 10, 4)))))`;
export const idHigh = (id: string) => `reinterpretAsUInt16(reverse(unhex(substring(${id}, 15, 4))))`;
export const idLow = (id: string) =>
  `reinterpretAsUInt64(reverse(unhex(concat(substring(${id}, 20, 4), substring(${id}, 25, 12)))))`;
