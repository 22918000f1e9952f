import { mkdirSync } from "node:fs";
import process, { env } from "node:process";
import { Session } from "chdb";

// The command `clickhouse` as far as the image's scripts use it. `client` asks the real engine, whose folder stands for the
// host; `server` only waits, for the engine needs none. Folders and configurations are in ENGINES.
const [command, ...rest] = process.argv.slice(2);
const options = new Map<string, string>();
for (let index = 0; index < rest.length; index += 2)
  options.set((rest[index] ?? "").replace(/^--/, ""), rest[index + 1] ?? "");

const { ENGINES = "" } = env;
const take = (name: string): string | undefined => {
  const value = options.get(name);
  options.delete(name);
  return value;
};

if (command === "server") {
  setInterval(() => {}, 60_000);
} else {
  const host = take("host") ?? "here";
  const bound = [...options].filter(([name]) => name.startsWith("param_"));
  const query = bound.reduce(
    (sql, [name, value]) => sql.replaceAll(`{${name.replace("param_", "")}:String}`, `'${value}'`),
    take("query") ?? "",
  );
  const format = take("format") ?? "TSV";
  const settings = [...options]
    .filter(([name]) => !/^(receive|param)_/.test(name))
    .map(([name, value]) => `--${name}=${value}`);
  mkdirSync(`${ENGINES}/${host}`, { recursive: true });
  const config = `--config-file=${ENGINES}/${host === "here" ? "drill" : "server"}.xml`;
  const session = new Session(`${ENGINES}/${host}`, { connectionArgs: [config, ...settings] });
  try {
    process.stdout.write(session.query(query, format));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
  session.close();
}
