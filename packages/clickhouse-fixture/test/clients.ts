import { type ClickHouseClient, type ClickHouseClientConfigOptions, createClient } from "@clickhouse/client";
import { type ClickHouseFixture, type ClickHouseOptions, startClickHouse } from "../src/index.ts";

/** A fixture with the client that applications use, as they would configure it. */
export interface Setup extends AsyncDisposable {
  fixture: ClickHouseFixture;
  client: ClickHouseClient;
  /** One more client. */
  connect(options?: ClickHouseClientConfigOptions): ClickHouseClient;
  /** A request as it stands on the wire, with the credentials. */
  ask(path: string, init?: RequestInit & { headers?: Record<string, string> }): Promise<Response>;
}

// What a client logs beside what it throws says nothing new.
const silent = { log: { level: 127 } } as const;

export async function setUp(options: ClickHouseOptions = {}): Promise<Setup> {
  const fixture = await startClickHouse({ user: "mm", password: "se:cret", database: "mm", ...options });
  const clients: ClickHouseClient[] = [];
  const connect = (more: ClickHouseClientConfigOptions = {}) => {
    const { url, user: username, password, database } = fixture;
    const client = createClient({ url, username, password, database, ...silent, ...more });
    clients.push(client);
    return client;
  };
  return {
    fixture,
    client: connect(),
    connect,
    ask(path, init = {}) {
      const authorization = `Basic ${Buffer.from("mm:se:cret").toString("base64")}`;
      return fetch(`${fixture.url}${path}`, { ...init, headers: { authorization, ...init.headers } });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await fixture.stop();
    },
  };
}

export async function rows<Row>(client: ClickHouseClient, query: string): Promise<Row[]> {
  const result = await client.query({ query, format: "JSONEachRow" });
  return result.json<Row>();
}
