export type { RequestHeaders } from "./visitor/headers.ts";
export { cookiesFor, type Visitor, type VisitorOptions, type VisitorRequest, visitorOf } from "./visitor/visitor.ts";
