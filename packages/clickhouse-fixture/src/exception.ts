/** What ClickHouse answers when a statement fails. `message` is the whole text of the answer's body, without the version. */
export class ClickHouseException extends Error {
  readonly code: number;
  /** `UNKNOWN_TABLE` */
  readonly type: string;

  constructor(code: number, type: string, message: string) {
    super(`Code: ${code}. DB::Exception: ${message} (${type})`);
    this.code = code;
    this.type = type;
  }

  /** Of whatever the engine threw: it says code and type in its text. */
  static from(error: unknown): ClickHouseException {
    if (error instanceof ClickHouseException) return error;
    const text = error instanceof Error ? error.message : String(error);
    const parts = /^Code: (\d+)\. DB::Exception: ([\s\S]*?)\s*\(([A-Z][A-Z0-9_]{2,})\)[^()]*$/.exec(text);
    if (parts === null) return new ClickHouseException(1002, "UNKNOWN_EXCEPTION", text);
    const [, code, message = "", type = ""] = parts;
    return new ClickHouseException(Number(code), type, message);
  }
}

/** HTTP status by type, as a server chooses it; every other type is a 500. */
const statuses: Record<number, readonly string[]> = {
  400: [
    "BAD_ARGUMENTS",
    "CANNOT_COMPILE_REGEXP",
    "CANNOT_PARSE_DATE",
    "CANNOT_PARSE_DATETIME",
    "CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING",
    "CANNOT_PARSE_ESCAPE_SEQUENCE",
    "CANNOT_PARSE_INPUT_ASSERTION_FAILED",
    "CANNOT_PARSE_IPV4",
    "CANNOT_PARSE_IPV6",
    "CANNOT_PARSE_NUMBER",
    "CANNOT_PARSE_QUOTED_STRING",
    "CANNOT_PARSE_TEXT",
    "CANNOT_PARSE_UUID",
    "DUPLICATE_COLUMN",
    "ILLEGAL_COLUMN",
    "INCORRECT_DATA",
    "SYNTAX_ERROR",
    "THERE_IS_NO_COLUMN",
    "TOO_BIG_AST",
    "TOO_DEEP_AST",
    "TYPE_MISMATCH",
    "UNEXPECTED_AST_STRUCTURE",
    "UNKNOWN_ELEMENT_IN_AST",
    "UNKNOWN_TYPE_OF_AST_NODE",
    "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
  ],
  401: ["REQUIRED_PASSWORD"],
  403: ["ACCESS_DENIED", "AUTHENTICATION_FAILED", "SET_NON_GRANTED_ROLE", "UNKNOWN_USER", "WRONG_PASSWORD"],
  404: [
    "UNKNOWN_AGGREGATE_FUNCTION",
    "UNKNOWN_DATABASE",
    "UNKNOWN_DATABASE_ENGINE",
    "UNKNOWN_DIRECTION_OF_SORTING",
    "UNKNOWN_FORMAT",
    "UNKNOWN_FUNCTION",
    "UNKNOWN_IDENTIFIER",
    "UNKNOWN_ROLE",
    "UNKNOWN_SETTING",
    "UNKNOWN_STORAGE",
    "UNKNOWN_TABLE",
    "UNKNOWN_TYPE",
    "UNKNOWN_TYPE_OF_QUERY",
  ],
  408: ["TIMEOUT_EXCEEDED"],
  413: ["QUERY_IS_TOO_LARGE"],
  501: ["NOT_IMPLEMENTED"],
  503: ["CANNOT_OPEN_FILE", "CANNOT_SCHEDULE_TASK", "SOCKET_TIMEOUT"],
};

const statusByType = new Map(
  Object.entries(statuses).flatMap(([status, types]) => types.map((type) => [type, Number(status)] as const)),
);

export const statusOf = ({ type }: ClickHouseException): number => statusByType.get(type) ?? 500;
