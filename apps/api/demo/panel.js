// The panel: asks what is stored about this visitor, and shows it. Whatever it shows is set as text, never as markup.

const panel = document.querySelector("#panel");
const find = (name) => panel.querySelector(`[data-${name}]`);
const set = (name, text) => {
  const element = find(name);
  if (element.textContent !== text) element.textContent = text;
};

/** Milliseconds between two questions while the page is seen. */
const every = 1500;
/** Of the last answer, which the next page shows until it has one of its own. */
let etag = "";
let shown = "";
let seen = new Set();
let lastOwner;

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
/** `internal` is a way within the site, and needs no medium. */
const sourceOf = ({ source, medium }) =>
  source === medium || source === "internal" ? source : `${source} / ${medium}`;
const short = (id) => (id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id);

function ago(instant) {
  const seconds = Math.max(0, (Date.now() - Date.parse(instant)) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${plural(Math.floor(seconds / 60), "minute")} ago`;
  if (seconds < 86_400) return `${plural(Math.floor(seconds / 3600), "hour")} ago`;
  return `${plural(Math.floor(seconds / 86_400), "day")} ago`;
}

function showTouch(person) {
  set("touch", person ? sourceOf({ source: person.first_source, medium: person.first_medium }) : "–");
  const campaign = person?.first_campaign ? `, campaign “${person.first_campaign}”` : "";
  const why =
    person &&
    `${person.first_channel}${campaign}, ${ago(person.first_seen_at)}. Rule ${person.first_rule_id}, ${person.first_confidence} confidence.`;
  set("touch-why", why ?? "");
}

/** What the stitch did, in a sentence. */
function showMoment(person, anonymous) {
  const link = element("a", "sign up");
  link.href = "/demo/signup";
  const texts = [];
  if (person?.owner) {
    const count = person.events_without_user_id;
    texts.push(
      element("strong", plural(count, "event")),
      ` that carried no user ${count === 1 ? "belongs" : "belong"} to `,
      element("strong", person.owner),
      " now, first touch and all. No row was rewritten: who an event belongs to is answered when it is asked.",
    );
  } else if (anonymous)
    texts.push(
      element("strong", plural(anonymous.events, "event")),
      " and no name. Now ",
      link,
      ": they become yours, and no row is rewritten.",
    );
  else texts.push("Browse a little first, then ", link, ".");
  const key = texts.map((part) => part.textContent ?? part).join("");
  const target = find("moment");
  if (target.textContent !== key) target.replaceChildren(...texts);
}

function eventRow(event) {
  const row = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  name.append(element("span", event.event_name, "event"), element("small", event.path));
  const chip = element("span", sourceOf(event), "chip");
  chip.dataset.medium = event.medium;
  const source = document.createElement("td");
  source.append(chip);
  const own = element("td", event.user_id ?? "NULL", event.user_id ? "id" : "null");
  const owner = element("td", event.owner ?? "nobody", event.owner ? "owner" : "null");
  row.append(name, source, own, owner);
  if (seen.size > 0 && !seen.has(event.event_id)) row.classList.add("new");
  if (event.owner && !event.user_id) row.classList.add("stitched");
  if (lastOwner === null && event.owner && !event.user_id) row.classList.add("claimed");
  return row;
}

function sessionItem(session) {
  const item = document.createElement("li");
  item.append(
    element("strong", sourceOf(session)),
    element("span", `${plural(session.events, "event")}, ${plural(session.pageviews, "page")}`),
  );
  item.append(
    element("small", `${session.entry_path || "?"} → ${session.exit_path || "?"}, ${ago(session.started_at)}`),
  );
  return item;
}

function show(known) {
  const [person] = known.owners;
  const anonymous = known.owners.find(({ owner }) => owner === null);
  const owner = person?.owner ?? null;
  set("visitor", short(known.anonymous_id));
  set("owner", owner ?? "nobody yet");
  showTouch(person);
  showMoment(person, anonymous);
  const count = known.owners.reduce((sum, { events }) => sum + events, 0);
  set("event-count", String(count));
  set("session-count", String(known.sessions.length));
  set(
    "ask",
    `curl -H "Authorization: Bearer $RK" \\\n  "${location.origin}/v1/${owner ? `users/${owner}/journey` : `query?anonymous_id=${known.anonymous_id}`}"`,
  );
  find("logout").hidden = !owner;
  const now = JSON.stringify([known.events, known.sessions]);
  if (now === shown) return;
  shown = now;
  find("events").replaceChildren(...known.events.map(eventRow));
  find("sessions").replaceChildren(...known.sessions.map(sessionItem));
  seen = new Set(known.events.map(({ event_id }) => event_id));
  lastOwner = owner;
  panel.dataset.state = owner ? "known" : count > 0 ? "anonymous" : "waiting";
  find("notice").hidden = count > 0;
}

function say(text) {
  find("notice").hidden = false;
  set("notice", text);
}

async function ask() {
  const id = window.mm?.getAnonymousId();
  if (!window.mm) return say("The SDK did not load: a blocker may have stopped it. The shop works all the same.");
  if (!id)
    return say(
      "Your browser objects to being followed (Global Privacy Control or Do Not Track): nothing is stored, nothing is sent.",
    );
  const headers = { "x-anonymous-id": id, ...(etag ? { "if-none-match": etag } : {}) };
  const answer = await fetch("/demo/visitor", { headers, cache: "no-store" });
  if (!answer.ok) return;
  etag = answer.headers.get("etag") ?? "";
  const known = await answer.json();
  show(known);
  sessionStorage.setItem("shop_panel", JSON.stringify(known));
}

/** What the page before knew, so that the panel is not empty while this page loads. */
function showLast() {
  try {
    const known = JSON.parse(sessionStorage.getItem("shop_panel") ?? "null");
    if (known?.anonymous_id === window.mm?.getAnonymousId()) show(known);
  } catch {
    // Storage may be denied: then the panel waits.
  }
}

async function watch() {
  if (document.visibilityState === "visible") {
    try {
      await window.mm?.flush();
      await ask();
    } catch {
      say("The platform does not answer just now. Events wait in this browser, and are sent when it does.");
    }
  }
  setTimeout(watch, every);
}

const fold = panel.querySelector(".fold");
fold.addEventListener("click", () => {
  const open = panel.classList.toggle("folded") === false;
  fold.setAttribute("aria-expanded", String(open));
  fold.textContent = open ? "Hide" : "Show";
});
for (const link of document.querySelectorAll("[data-arrive]")) {
  link.referrerPolicy = "no-referrer";
  link.addEventListener("click", () => {
    try {
      // The SDK's session: without it the next event begins a new one.
      localStorage.removeItem("mm_sid");
    } catch {
      // Without storage each page is a session already.
    }
  });
}
find("logout").addEventListener("click", () => window.mm.logout());
find("reset").addEventListener("click", () => {
  window.mm?.reset();
  localStorage.removeItem("shop_cart");
  location.href = "/demo";
});
if (matchMedia("(max-width: 1099px)").matches) fold.click();
showLast();
void watch();
