import type { HostTable } from "./table.ts";

export const ai: HostTable = {
  chatgpt: "chatgpt.com chat.openai.com app:com.openai.chatgpt",
  claude: "claude.ai app:com.anthropic.claude",
  gemini: "gemini.google.com bard.google.com",
  copilot: "copilot.microsoft.com",
  perplexity: "perplexity.ai",
};
