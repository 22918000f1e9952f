/** One request as IAM sees it. */
export interface Request {
  readonly action: string;
  /** ARN of the one resource; an operation on two resources asks twice. */
  readonly resource: string;
  /** Condition keys and their values. */
  readonly context?: Readonly<Record<string, string>>;
}

export type Decision = "allowed" | "denied by default" | "denied";

interface StatementText {
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** IAM's decision for one policy: a matching Deny wins, then a matching Allow, then nothing is allowed. */
export function decide(policy: string | undefined, request: Request): Decision {
  const statements: readonly StatementText[] = policy === undefined ? [] : JSON.parse(policy).Statement;
  const matching = statements.filter((statement) => applies(statement, request));
  if (matching.some(({ Effect }) => Effect === "Deny")) return "denied";
  return matching.some(({ Effect }) => Effect === "Allow") ? "allowed" : "denied by default";
}

function applies({ Action, Resource = ["*"], Condition = {} }: StatementText, request: Request): boolean {
  return (
    Action.some((pattern) => like(pattern.toLowerCase(), request.action.toLowerCase())) &&
    Resource.some((pattern) => like(pattern, request.resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, expected]) => holds(operator, expected, request.context?.[key])),
    )
  );
}

/** A key that the request does not carry fulfils none of these operators. */
function holds(operator: string, expected: string, actual: string | undefined): boolean {
  if (actual === undefined) return false;
  if (operator === "StringEquals" || operator === "Bool") return actual === expected;
  if (operator === "ArnEquals") return like(expected, actual);
  throw new Error(`The simulation does not know the operator ${operator}.`);
}

function like(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(text);
}
