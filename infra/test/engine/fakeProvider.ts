import process from "node:process";
import * as aws from "@pulumi/aws";
import * as docker from "@pulumi/docker-build";
import type { Provider } from "@pulumi/pulumi/provider/provider.js";
import { main } from "@pulumi/pulumi/provider/server.js";
import * as random from "@pulumi/random";
import { fakeOutputs } from "../support/fakeOutputs.ts";

// A cloud for the real engine: the plugins `aws`, `docker-build` and `random` in one process. It takes inputs that the SDK
// knows, makes outputs up, and tells its parent about everything that it is asked to change.

type Properties = Record<string, unknown>;

/** What the parent is told; it answers each message with a `Reply`. */
export interface Ask {
  readonly number: number;
  readonly verb: "create" | "update" | "delete" | "read";
  readonly type: string;
  readonly name: string;
  readonly inputs: Properties;
}

export interface Reply {
  readonly number: number;
  /** The cloud refuses. */
  readonly error?: string;
  /** What the cloud has in the place of what was asked for. */
  readonly actual?: Properties;
}

/** Properties that AWS cannot change in place; `true` for all of them. */
const replacedBy: Readonly<Record<string, true | readonly string[]>> = {
  "aws:ebs/volume:Volume": ["availabilityZone", "encrypted"],
  "aws:ecs/taskDefinition:TaskDefinition": true,
  "aws:ecs/service:Service": ["name", "cluster", "launchType"],
  "aws:ec2/subnet:Subnet": ["cidrBlock", "availabilityZone"],
  "random:index/randomPassword:RandomPassword": true,
};

const namespaces: Readonly<Record<string, object>> = { aws, "docker-build": docker, random };
const parse = (urn: string) => {
  const [, , types = "", name = ""] = urn.split("::");
  return { type: types.split("$").at(-1) ?? "", name };
};

/** The properties that a resource's class in the SDK takes. */
function known(type: string): ReadonlySet<string> {
  const [provider = "", module = "", kind = ""] = type.split(/[:/]/).toSpliced(2, type.includes("/") ? 1 : 0);
  const namespace = namespaces[provider];
  const inside = module === "index" ? namespace : Reflect.get(namespace ?? {}, module);
  const source = String(Reflect.get(inside ?? {}, kind));
  return new Set([...source.matchAll(/resourceInputs\["(\w+)"\] = .*args/g)].map(([, property]) => property ?? ""));
}

let asked = 0;
const waiting = new Map<number, (reply: Reply) => void>();
process.on("message", (reply: Reply) => waiting.get(reply.number)?.(reply));
process.on("disconnect", () => process.exit());

async function tell(verb: Ask["verb"], urn: string, inputs: Properties): Promise<Properties> {
  const number = ++asked;
  const { promise, resolve } = Promise.withResolvers<Reply>();
  waiting.set(number, resolve);
  process.send?.({ number, verb, ...parse(urn), inputs } satisfies Ask);
  const { error, actual } = await promise;
  waiting.delete(number);
  if (error !== undefined) throw new Error(error);
  return actual ?? {};
}

const revisions = new Map<string, number>();

function outputs(urn: string, inputs: Properties): { id: string; outs: Properties } {
  const { type, name } = parse(urn);
  const { id, state } = fakeOutputs({ type, name, inputs, custom: true }, false);
  const outs: Properties = { ...state, "//inputs": Object.keys(inputs) };
  if (type !== "aws:ecs/taskDefinition:TaskDefinition") return { id, outs };
  const family = String(inputs["family"]);
  const revision = (revisions.get(family) ?? 0) + 1;
  revisions.set(family, revision);
  return {
    id: `${family}:${revision}`,
    outs: { ...outs, arn: String(outs["arn"]).replace(/:\d+$/, `:${revision}`), revision },
  };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

const provider: Provider = {
  version: "0.0.0",
  async check(urn, _, news: Properties) {
    const { type } = parse(urn);
    const properties = known(type);
    const unknown = Object.keys(news).filter((property) => !properties.has(property));
    return {
      inputs: news,
      failures: unknown.map((property) => ({ property, reason: `${type} has no such property` })),
    };
  },
  async diff(_, urn, olds: Properties, news: Properties) {
    const before = (olds["//inputs"] ?? []) as string[];
    const changed = [...new Set([...before, ...Object.keys(news)])].filter((key) => !same(olds[key], news[key]));
    const all = replacedBy[parse(urn).type] ?? [];
    return {
      changes: changed.length > 0,
      replaces: all === true ? changed : changed.filter((key) => all.includes(key)),
    };
  },
  async create(urn, inputs: Properties) {
    const { id, outs } = outputs(urn, inputs);
    return { id, outs: { ...outs, ...(await tell("create", urn, inputs)) } };
  },
  async update(_, urn, __, inputs: Properties) {
    return { outs: { ...outputs(urn, inputs).outs, ...(await tell("update", urn, inputs)) } };
  },
  async read(id, urn, props: Properties = {}) {
    const now = { ...props, ...(await tell("read", urn, props)) };
    const inputs = Object.fromEntries(
      ((props["//inputs"] ?? []) as string[]).map((key) => [key, Reflect.get(now, key)]),
    );
    return { id, props: now, inputs };
  },
  async delete(_, urn, props: Properties) {
    await tell("delete", urn, props);
  },
  async invoke(token) {
    if (token === "aws:ecr/getAuthorizationToken:getAuthorizationToken")
      return {
        outputs: { id: "a", userName: "AWS", password: "clear-text-of-registry", proxyEndpoint: "https://registry" },
      };
    throw new Error(`Nobody expected the question ${token}.`);
  },
};

await main(provider, []);
