import { parseArgs } from "node:util";

export interface BenchArguments {
  events: number;
  /** Folder that keeps the events between runs. */
  data: string | undefined;
  rounds: number;
  duck: boolean;
  /** Which layouts, or endpoints. */
  only: RegExp;
}

/** `[events] [--data folder] [--rounds n] [--no-duck] [--only pattern]` */
export function readArguments(args: string[], events: number): BenchArguments {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    allowNegative: true,
    options: {
      data: { type: "string" },
      rounds: { type: "string", default: "5" },
      duck: { type: "boolean", default: true },
      only: { type: "string", default: "" },
    },
  });
  return {
    events: Number(positionals[0] ?? events),
    data: values.data,
    rounds: Number(values.rounds),
    duck: values.duck,
    only: new RegExp(values.only),
  };
}
