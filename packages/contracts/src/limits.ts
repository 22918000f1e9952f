/** Bounds of the ingest wire (SPEC 3.3, 3.4). Lengths are in UTF-16 code units, sizes in bytes. */
export const limits = {
  event: 128,
  eventId: 128,
  anonymousId: 128,
  userId: 256,
  userHash: 128,
  sessionId: 128,
  text: 2048,
  propertiesBytes: 32 * 1024,
  batchEvents: 1000,
  bodyBytes: 4 * 1024 * 1024,
} as const;
