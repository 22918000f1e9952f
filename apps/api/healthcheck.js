import process, { env } from "node:process";

// Is this container's API alive? For Docker and ECS, whose health checks are commands.
const { PORT = "8787" } = env;
const answer = await fetch(`http://127.0.0.1:${PORT}/healthz`, { signal: AbortSignal.timeout(4000) }).catch(
  () => undefined,
);
process.exitCode = answer?.ok === true ? 0 : 1;
