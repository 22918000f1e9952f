/**
 * Source name → its hosts, separated by white space. A host covers its subdomains; written `=host` it covers only
 * itself and its `www.` and `m.` forms. App packages are written `app:package`.
 */
export type HostTable = Readonly<Record<string, string>>;
