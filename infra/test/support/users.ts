import { renderUsersConfig, type User } from "../../src/clickhouse/usersConfig.ts";

/** The users' configuration with the embedded engine's only user, `default`, in the place of another one. */
export function actingAs(user: User): string {
  const xml = renderUsersConfig();
  const [, rights] = new RegExp(`<${user}>\\s*<password_sha256_hex[^>]*/>([\\s\\S]*?)</${user}>`).exec(xml) ?? [];
  if (rights === undefined) throw new Error(`There is no user ${user}.`);
  return xml.replace(
    /<users replace="1">[\s\S]*<\/users>/,
    `<users><default><no_password>true</no_password>${rights}</default></users>`,
  );
}

/** The same, with the platform's own users beside it. */
export function besideOthers(user: User): string {
  const [own = ""] = /<default>\s*<no_password>[\s\S]*<\/default>/.exec(actingAs(user)) ?? [];
  return renderUsersConfig().replace(/<default>\s*<no_password>[\s\S]*?<\/default>/, own);
}
