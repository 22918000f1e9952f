import process from "node:process";
import { costTable } from "../src/costs.ts";

process.stdout.write(`${costTable()}\n`);
