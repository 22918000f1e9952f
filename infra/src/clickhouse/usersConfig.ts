import { database } from "./serverConfig.ts";
import { renderXml, type Xml } from "./xml.ts";

export const users = ["api", "migrator", "backup"] as const;
export type User = (typeof users)[number];

/** The environment variable that holds the SHA-256, in hex, of a user's password. */
export const passwordVariable = (user: User) => `${user.toUpperCase()}_PASSWORD_SHA256`;

const grants: Readonly<Record<User, readonly string[]>> = {
  api: [`SELECT, INSERT, ALTER DELETE, ALTER UPDATE, OPTIMIZE ON ${database}.*`, "SELECT ON system.macros"],
  // Views over the shards ask them in the name of who made the views; nobody else may open connections.
  migrator: [
    `ALL ON ${database}.*`,
    "TABLE ENGINE ON *",
    "SELECT ON system.*",
    "REMOTE, CREATE TEMPORARY TABLE ON *.*",
  ],
  backup: [`SELECT, BACKUP ON ${database}.*`, "CREATE TEMPORARY TABLE, S3 ON *.*", "SELECT ON system.*"],
};

/** `users.d/millimetric.xml`: nobody but the platform's three users comes in over the network. */
export function renderUsersConfig(): string {
  return renderXml("clickhouse", {
    profiles: {
      default: {},
      migrator: {
        // A replica that is down must not fail a migration: it catches up when it is back.
        distributed_ddl_output_mode: "null_status_on_timeout",
        // Tables that stand on every server have one path for all shards.
        database_replicated_allow_replicated_engine_arguments: 1,
      },
      backup: {
        // Since 26.7 a query may not use the server's own AWS role unless it is told so.
        s3_allow_server_credentials_in_user_queries: 1,
      },
    },
    quotas: { default: {} },
    users: {
      "@replace": "1",
      // Without a password, because only whoever is inside the container reaches it: the SQL shell and the health checks.
      default: {
        no_password: true,
        networks: { ip: ["127.0.0.1", "::1"] },
        profile: "default",
        quota: "default",
        access_management: 1,
      },
      ...Object.fromEntries(users.map((user) => [user, definition(user)])),
    },
  });
}

function definition(user: User): Xml {
  return {
    password_sha256_hex: { "@from_env": passwordVariable(user) },
    networks: { ip: "::/0" },
    profile: user === "api" ? "default" : user,
    quota: "default",
    grants: { query: grants[user].map((grant) => `GRANT ${grant}`) },
  };
}
