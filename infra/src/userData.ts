import { readFileSync } from "node:fs";

export interface HostOptions {
  readonly clusterName: string;
  readonly node: string;
  readonly volumeId: string;
  readonly region: string;
}

const folder = new URL("../userdata/", import.meta.url);

/**
 * What a machine does at its first boot: attach and mount its volume, then let the ECS agent in. It holds neither version
 * nor topology, so that a new release never replaces a machine.
 */
export function renderUserData(options: HostOptions): string {
  const read = (file: string) => readFileSync(new URL(file, folder), "utf8").trimEnd();
  const values: Record<string, string> = {
    ATTACH_DATA_VOLUME: read("attach-data-volume.sh"),
    CLUSTER: options.clusterName,
    NODE: options.node,
    VOLUME: options.volumeId,
    REGION: options.region,
  };
  return `${read("first-boot.sh").replace(/@(\w+)@/g, (_, name: string) => values[name] ?? unknown(name))}\n`;
}

function unknown(name: string): never {
  throw new Error(`first-boot.sh asks for ${name}, which nobody gives.`);
}
