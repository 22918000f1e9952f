import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchOptions } from "../chromium.ts";

/** A browser that nobody steers opens a page: a debugger has rules of its own about pages that are not on the screen. */
export async function browse(url: string, executable?: string): Promise<AsyncDisposable> {
  const { executablePath = "", args } = await launchOptions();
  const profile = mkdtempSync(join(tmpdir(), "millimetric-browser-"));
  const own = ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
  const browser = spawn(executable ?? executablePath, [...args, ...own, url], { stdio: "ignore" });
  return {
    async [Symbol.asyncDispose]() {
      const gone = once(browser, "exit");
      browser.kill("SIGKILL");
      await gone;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
