import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ClickHouse, connectClickHouse, migrate, openEmbeddedClickHouse } from "@millimetric/clickhouse";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { buildApp, type Deps } from "./app.ts";
import { type Config, engineFolder } from "./config.ts";
import { type AcceptDeps, acceptForget } from "./forget/accept.ts";
import { createForgotten } from "./forget/forgotten.ts";
import { createHashes } from "./forget/hashes.ts";
import { applyRetention } from "./forget/retention.ts";
import { createForgetWorker, troubleOf } from "./forget/worker.ts";
import { sayUnavailable } from "./http/unavailable.ts";
import { createIdentitySignals } from "./identity-signals.ts";
import { createDeadLetters } from "./ingest/dead-letters.ts";
import { createEnrichment } from "./ingest/enrichment.ts";
import { createGroupCommit } from "./ingest/group-commit.ts";
import { createIntake } from "./ingest/intake.ts";
import { createLedger } from "./ingest/ledger.ts";
import { keptRow } from "./ingest/store-rows.ts";
import { createControlPlane } from "./keys/control-plane.ts";
import { createIdentitySecrets } from "./keys/identity-secrets.ts";
import { createKeyRing } from "./keys/key-ring.ts";
import { createUserProofs } from "./keys/user-proof.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { createReadiness } from "./readiness.ts";
import { loadSecrets } from "./secrets.ts";
import { startSelfCheck } from "./self-check.ts";
import { lockFolder } from "./spool/lock.ts";
import { openSpool } from "./spool/spool.ts";

export interface Platform extends Deps {
  app: FastifyInstance;
  /** Finishes what was begun, stores what waits, lets go of ClickHouse. */
  close(): Promise<void>;
}

/** Opens the configured ClickHouse. */
export function openClickHouse(config: Config): Promise<ClickHouse> {
  if (config.server !== undefined) return Promise.resolve(connectClickHouse(config.server, config.queries));
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  return openEmbeddedClickHouse(engineFolder(config), config.queries);
}

/** Everything but the listening socket. The embedded engine is brought to the newest schema first. */
export async function createPlatform(config: Config): Promise<Platform> {
  const enrich = createEnrichment(config.enrichment);
  const opened = await openClickHouse(config);
  if (config.server === undefined) await migrate(opened);
  const clickhouse = sayUnavailable(opened);
  const { adminToken, keyPepper } = loadSecrets(config);
  const controlPlane = createControlPlane(clickhouse, keyPepper);
  const keys = createKeyRing(controlPlane, keyPepper);
  const identitySecrets = createIdentitySecrets(clickhouse, keyPepper);
  const proofs = createUserProofs(identitySecrets);
  const lock = lockFolder(config.spool.folder);
  const spool = openSpool(config.spool.folder, config.spool.maxBytes);
  const metrics: Metrics = createMetrics({
    waitingRows: () => commit.waiting(),
    spool: spool.stats,
    identitySignals: createIdentitySignals(clickhouse),
    forgets: () => forgotten.pending(),
  });
  let log: FastifyBaseLogger | undefined;
  const ledger = createLedger(clickhouse, join(config.spool.folder, "ledger.json"));
  const hashes = createHashes(keyPepper);
  const forgotten = createForgotten(clickhouse, hashes);
  const deadLetters = createDeadLetters({
    clickhouse,
    forgotten,
    onDropped: (letters) => metrics.deadLettersDropped.inc(letters),
  });
  const commit = createGroupCommit({
    clickhouse,
    spool,
    refusals: forgotten,
    insertTimeoutMs: config.insertTimeoutMs,
    onStored({ stored, duplicates, suppressed }) {
      metrics.stored.inc(stored.length);
      metrics.duplicates.inc(duplicates.length);
      metrics.suppressed.inc(suppressed.length);
      for (const { sender } of stored) ledger.count(sender, "stored", 1);
      for (const { sender } of duplicates) ledger.count(sender, "duplicate", 1);
      for (const { sender } of suppressed) ledger.count(sender, "suppressed", 1);
    },
    onCommit(seconds, lagSeconds) {
      metrics.commits.observe(seconds);
      metrics.lag.observe(lagSeconds);
    },
    onSpooled: (rows) => metrics.spooled.inc(rows),
    onTrouble: atMostEvery(10_000, (err) => log?.warn({ err }, "ClickHouse did not take events; the spool does")),
    setAside: (line, error, token) => deadLetters.addRow(line, error.message, token),
    onDead(line) {
      metrics.dead.inc();
      ledger.count(keptRow(line).sender, "dead", 1);
    },
  });
  const intake = createIntake({ commit, ledger, deadLetters, metrics, proofs });
  const readiness = createReadiness({ clickhouse, spool });
  const forgetting: AcceptDeps = { clickhouse, hashes, forgotten, commit, spool, deadLetters };
  const worker = createForgetWorker({
    ...forgetting,
    retain: () => applyRetention(clickhouse, controlPlane, new Date()),
    // ClickHouse may repeat values of the statement: only what kind of trouble it is gets into a log.
    onTrouble: atMostEvery(10_000, (error) =>
      log?.warn({ reason: troubleOf(error) }, "a person could not be removed yet"),
    ),
  });
  const deps: Deps = {
    clickhouse,
    controlPlane,
    keys,
    identitySecrets,
    proofs,
    commit,
    intake,
    enrich,
    ledger,
    deadLetters,
    metrics,
    readiness,
    forgotten,
    async forget(request) {
      const record = await acceptForget(forgetting, request);
      worker.wake();
      return record;
    },
    adminToken,
  };
  const selfCheck = startSelfCheck({
    clickhouse,
    projects: controlPlane.projects,
    metrics,
    onFailure: (err) => log?.warn({ err }, "the first touches were not checked"),
  });
  const app = await buildApp(deps, config);
  log = app.log;
  return {
    ...deps,
    app,
    async close() {
      // Connections that are busy now stay open when they become idle, for as long as clients like.
      const sweep = setInterval(() => app.server.closeIdleConnections(), 50);
      await app.close().finally(() => clearInterval(sweep));
      await worker.close();
      selfCheck.close();
      await commit.close();
      await Promise.all([ledger.close(), deadLetters.close()]);
      lock.release();
      await clickhouse.close();
    },
  };
}

/** Calls that come within `ms` of the last one that was let through do nothing. */
function atMostEvery(ms: number, work: (error: unknown) => void): (error: unknown) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = performance.now();
    if (now - last < ms) return;
    last = now;
    work(error);
  };
}
