export {
  type Block,
  type ClickHouse,
  connectClickHouse,
  defaultQueryLimits,
  openEmbeddedClickHouse,
  type Params,
  type QueryLimits,
  type Server,
  writeSeconds,
} from "./clickhouse.ts";
export {
  type Migration,
  MigrationError,
  type MigrationStatus,
  migrate,
  migrationStatus,
  readMigrations,
} from "./migrator.ts";
export {
  type AttributionModel,
  type AttributionParams,
  type AttributionRow,
  attribution,
  attributionGroups,
  attributionModels,
} from "./queries/attribution.ts";
export { type Claim, publishClaim, type RivalClaim, rivalClaims } from "./queries/claims.ts";
export { type DeadLetterRow, type DeadLettersParams, deadLetters } from "./queries/dead-letters.ts";
export { type DevicesParams, type DevicesRow, devices } from "./queries/devices.ts";
export { eventKey } from "./queries/event-key.ts";
export {
  type EventIdSecondsParams,
  type EventsParams,
  eventFilters,
  eventIdSeconds,
  events,
  storedEventIds,
} from "./queries/events.ts";
export { countExpired, type Expiry, expiredRows, removeExpired } from "./queries/expire.ts";
export {
  type ExplainedLink,
  type ExplainedOwner,
  type Explanation,
  explain,
  type StitchRule,
} from "./queries/explain.ts";
export {
  checkFirstTouches,
  type FirstTouchGroupRow,
  type FirstTouchRow,
  firstTouch,
  firstTouchGrouped,
  type SelfCheck,
} from "./queries/first-touch.ts";
export {
  countRemoved,
  type ForgetScope,
  hiddenEventIds,
  hideEvents,
  hideLateEventsOfUser,
  hideLetters,
  hideUser,
  hideVisitor,
  isLinked,
  type LateEvent,
  type LetterOfPerson,
  lateAnonymousEvents,
  lettersOfPerson,
  peopleOf,
  rememberRemovedIds,
  removedIds,
  type Span,
  spansOfUser,
} from "./queries/forget.ts";
export { type FunnelParams, funnel } from "./queries/funnel.ts";
export {
  type IdentityLogParams,
  type IdentitySignals,
  identityLog,
  identitySignals,
  type LinkId,
  type LinkRow,
  link,
  recordWithdrawal,
  type SharedParams,
  type SharedRow,
  shared,
  type Withdrawal,
  type WithdrawalRow,
} from "./queries/identities.ts";
export { linksOfUser, type PersonLinkRow, type PersonWithdrawalRow, withdrawalsOfUser } from "./queries/person.ts";
export { type ReceiptRow, type ReceiptsParams, receipts } from "./queries/receipts.ts";
export {
  changesDone,
  type EntryRow,
  entriesOfOlderRules,
  mostVerdicts,
  type OlderRules,
  partitionsOfOlderRules,
  storeVerdicts,
  type Verdict,
  verdictColumns,
} from "./queries/reclassify.ts";
export {
  dropWorkList,
  oldPartsGone,
  type PersonalTable,
  personalTables,
  type Removal,
  removeRows,
  rowsFound,
  tableChanged,
} from "./queries/remove.ts";
export { type RetentionParams, type RetentionRow, retention, retentionIntervals } from "./queries/retention.ts";
export { instant, type Range, type Scope, type Stitch } from "./queries/scope.ts";
export { type SessionRow, type SessionsParams, sessionFilters, sessions } from "./queries/sessions.ts";
export { type SourcesParams, type SourcesRow, sourceBreakdowns, sources } from "./queries/sources.ts";
export {
  groupsSessions,
  mostStatsGroups,
  type StatsParams,
  type StatsRow,
  stats,
  statsFilters,
  statsGroups,
  statsIntervals,
  statsMetrics,
} from "./queries/stats.ts";
export {
  type ConversionRow,
  type ConversionSummaryRow,
  conversions,
  conversionsSummary,
  type EventRow,
  type JourneyParams,
  type JourneyRow,
  journey,
  type StitchedParams,
  userDevices,
} from "./queries/stitched.ts";
export { type Touch, type Trait, type UserRow, type UsersParams, userFilters, users } from "./queries/users.ts";
export {
  type VisitorEventRow,
  type VisitorOwnerRow,
  type VisitorParams,
  visitorEvents,
  visitorOwners,
  visitorState,
} from "./queries/visitor.ts";
export { isAboutStatement } from "./replicas.ts";
export { type Cluster, render, type Topology, topologyOf } from "./topology.ts";
