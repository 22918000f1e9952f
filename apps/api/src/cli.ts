#!/usr/bin/env node
import process, { env } from "node:process";
import type { MigrationStatus } from "@millimetric/clickhouse";
import { Command, Option } from "commander";
import { AdminError, createAdminClient } from "./cli/admin-client.ts";
import { migrateStatus, migrateUp } from "./cli/migrate.ts";
import { reclassifyProject } from "./cli/reclassify.ts";
import { scriptTagOf } from "./cli/script-tag.ts";
import { readConfig } from "./config.ts";
import { loadSecrets } from "./secrets.ts";

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const show = (value: unknown): void => say(JSON.stringify(value, null, 2));

const program = new Command("millimetric")
  .description("Projects, keys and migrations of a Millimetric platform. Reads the same environment as the API.")
  .addOption(
    new Option("--url <url>", "address of the running API").env("MILLIMETRIC_URL").default("http://127.0.0.1:8787"),
  )
  .addOption(new Option("--admin-token <token>", "default: what an embedded API keeps in DATA_DIR").env("ADMIN_TOKEN"));

const collect = (value: string, all: string[] = []) => [...all, value];
const segment = encodeURIComponent;

function admin(method: string, path: string, body?: unknown): Promise<unknown> {
  const { url, adminToken } = program.opts<{ url: string; adminToken?: string }>();
  const token = adminToken || loadSecrets(readConfig(env)).adminToken;
  return createAdminClient(url, token)(method, path, body);
}

const projects = program.command("projects").description("make, list and change projects");
projects
  .command("create <name>")
  .description("make a project; its first keys are shown once")
  .option("--origin <origin>", "site that may use the pk key (repeatable)", collect)
  .action(async (name: string, { origin }: { origin?: string[] }) =>
    show(
      await admin("POST", "/admin/v1/projects", { name, ...(origin === undefined ? {} : { allowed_origins: origin }) }),
    ),
  );
projects
  .command("list")
  .description("all projects")
  .action(async () => show(await admin("GET", "/admin/v1/projects")));
projects
  .command("update <project>")
  .description("change what is given, keep the rest")
  .option("--name <name>", "new name")
  .option("--origin <origin>", "replace the allowed origins (repeatable)", collect)
  .option("--settings <json>", "settings, a JSON object")
  .action(async (id: string, options: { name?: string; origin?: string[]; settings?: string }) => {
    const { name, origin, settings } = options;
    const change = {
      ...(name === undefined ? {} : { name }),
      ...(origin === undefined ? {} : { allowed_origins: origin }),
      ...(settings === undefined ? {} : { settings: JSON.parse(settings) as unknown }),
    };
    show(await admin("PATCH", `/admin/v1/projects/${segment(id)}`, change));
  });

const keys = program.command("keys").description("make, list, rotate and revoke API keys");
keys
  .command("create <project>")
  .description("make a key; it is shown once")
  .addOption(new Option("--kind <kind>", "pk, sk or rk").choices(["pk", "sk", "rk"]).makeOptionMandatory())
  .addOption(new Option("--env <env>", "live or test").choices(["live", "test"]).default("live"))
  .option("--label <label>", "what it is for", "")
  .action(async (id: string, { kind, env, label }: { kind: string; env: string; label: string }) =>
    show(await admin("POST", `/admin/v1/projects/${segment(id)}/keys`, { kind, env, label })),
  );
keys
  .command("list <project>")
  .description("keys of a project, never their secrets")
  .action(async (id: string) => show(await admin("GET", `/admin/v1/projects/${segment(id)}/keys`)));
keys
  .command("rotate <project> <prefix>")
  .description("replace a key; the old one works on for the overlap")
  .option("--overlap <seconds>", "seconds", "86400")
  .action(async (id: string, prefix: string, { overlap }: { overlap: string }) =>
    show(
      await admin("POST", `/admin/v1/projects/${segment(id)}/keys/${segment(prefix)}/rotate`, {
        overlap_seconds: Number(overlap),
      }),
    ),
  );
keys
  .command("revoke <project> <prefix>")
  .description("make a key stop working, within 10 seconds everywhere")
  .action(async (id: string, prefix: string) => {
    await admin("DELETE", `/admin/v1/projects/${segment(id)}/keys/${segment(prefix)}`);
    say(`revoked ${prefix}`);
  });

program
  .command("script")
  .description("the script tag of the browser SDK, pinned to the version that the platform serves now")
  .requiredOption("--key <key>", "pk key of a project")
  .action(async ({ key }: { key: string }) => say(await scriptTagOf(program.opts<{ url: string }>().url, key)));

const identity = program
  .command("identity")
  .description("verified identify: who a browser says somebody is needs a proof");
identity
  .command("verify <project>")
  .description("want a user_hash with every user_id that comes with a pk key, or stop wanting it")
  .addOption(new Option("--off", "stop wanting it"))
  .action(async (id: string, { off = false }: { off?: boolean }) =>
    show(await admin("PATCH", `/admin/v1/projects/${segment(id)}`, { settings: { verified_identify: !off } })),
  );
identity
  .command("rotate <project>")
  .description("make a new identity secret, shown once; those before it work on for the overlap")
  .option("--overlap <seconds>", "seconds", "86400")
  .action(async (id: string, { overlap }: { overlap: string }) =>
    show(
      await admin("POST", `/admin/v1/projects/${segment(id)}/identity-secrets`, { overlap_seconds: Number(overlap) }),
    ),
  );
identity
  .command("list <project>")
  .description("identity secrets of a project, never themselves")
  .action(async (id: string) => show(await admin("GET", `/admin/v1/projects/${segment(id)}/identity-secrets`)));
identity
  .command("revoke <project> <secret>")
  .description("make an identity secret stop proving anything")
  .action(async (id: string, secret: string) => {
    await admin("DELETE", `/admin/v1/projects/${segment(id)}/identity-secrets/${segment(secret)}`);
    say(`revoked ${secret}`);
  });

const migrations = program.command("migrate").description("the ClickHouse schema");
migrations
  .command("status")
  .description("state of each migration")
  .action(async () => {
    const rows = await migrateStatus(readConfig(env), async () => {
      try {
        return ((await admin("GET", "/admin/v1/migrations")) as { rows: MigrationStatus[] }).rows;
      } catch (error) {
        if (error instanceof AdminError && error.unreachable) return undefined;
        throw error;
      }
    });
    for (const { name, state, applied_at } of rows) say(`${name}  ${state}  ${applied_at ?? ""}`.trimEnd());
  });
migrations
  .command("up")
  .description("bring the schema to the newest version")
  .action(() => migrateUp(readConfig(env), say));

program
  .command("retention")
  .description("remove, now, the events that are older than their project keeps them (settings.retention_days)")
  .action(async () => show(await admin("POST", "/admin/v1/retention")));

program
  .command("reclassify")
  .description(
    "look again, by the rules of today, at where events came from; tells, and changes nothing without --apply",
  )
  .requiredOption("--project <project>", "project_id")
  .addOption(new Option("--dry-run", "only tell (the default)").conflicts("apply"))
  .option("--apply", "store what comes out otherwise")
  .action(({ project, apply = false }: { project: string; apply?: boolean }) =>
    reclassifyProject(readConfig(env), { project, apply }, say),
  );

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`millimetric: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
