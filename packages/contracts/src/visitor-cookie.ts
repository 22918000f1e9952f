/**
 * The first-party cookie that carries `anonymous_id` between a browser and the site's servers: the id, percent-encoded, on the
 * registrable domain, readable by scripts. Browser and servers set it alike, so that there is one of it.
 */
export const visitorCookie = {
  name: "aid",
  path: "/",
  sameSite: "Lax",
  /** 400 days: browsers cap it there. */
  maxAgeSeconds: 400 * 24 * 3600,
} as const;
