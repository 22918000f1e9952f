// Every page of the demo shop: the cart, and the events that an application sends itself. Page views are the SDK's.

/** @returns {{slug: string, name: string, cents: number, count: number}[]} */
export function cart() {
  try {
    return JSON.parse(localStorage.getItem("shop_cart") ?? "[]");
  } catch {
    return [];
  }
}

export function saveCart(lines) {
  localStorage.setItem("shop_cart", JSON.stringify(lines));
  showCount();
}

export function add(line) {
  const lines = cart();
  const same = lines.find(({ slug }) => slug === line.slug);
  if (same) same.count += line.count;
  else lines.push(line);
  saveCart(lines);
  track("added_to_cart", { product: line.slug, amount_cents: line.cents * line.count });
}

/** The SDK is not there when a blocker stopped it: the shop works all the same. */
export function track(event, properties) {
  window.mm?.track(event, properties);
  window.mm?.flush();
}

export const price = (cents) => `€ ${(cents / 100).toFixed(2)}`;

function showCount() {
  const count = cart().reduce((sum, line) => sum + line.count, 0);
  for (const element of document.querySelectorAll("[data-cart-count]")) element.textContent = String(count);
}

for (const button of document.querySelectorAll("[data-add]")) {
  button.addEventListener("click", () => {
    const { add: slug, name, cents } = button.dataset;
    add({ slug, name, cents: Number(cents), count: 1 });
    button.classList.add("added");
    setTimeout(() => button.classList.remove("added"), 900);
  });
}
for (const link of document.querySelectorAll("nav a")) {
  if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
}
showCount();
