export type { Aim, Blow, Fault, RandomFaults, Refusal } from "./fault.ts";
export { randomNumbers } from "./fault.ts";
export { type ClickHouseFixture, type ClickHouseOptions, startClickHouse } from "./start.ts";
