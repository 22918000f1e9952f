export { createIngestProxy, type IngestProxy, type ProxyOptions } from "./proxy/proxy.ts";
