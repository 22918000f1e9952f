// As in packages/contracts, which the tests hold these against; as constants they cost no bytes.

/** Characters. */
export const eventLength = 128;
export const anonymousIdLength = 128;
export const userIdLength = 256;
export const textLength = 2048;

export const cookieName = "aid";
/** Seconds: 400 days, the most browsers allow. */
export const cookieMaxAge = 34_560_000;
