import { cart, price, saveCart, track } from "./shop.js";

const root = document.querySelector("[data-checkout]");
const find = (name) => root.querySelector(`[data-${name}]`);

function show() {
  const lines = cart();
  const total = lines.reduce((sum, { cents, count }) => sum + cents * count, 0);
  find("lines").replaceChildren(
    ...lines.map(({ name, cents, count }) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = count > 1 ? `${count} × ${name}` : name;
      const cell = document.createElement("td");
      cell.textContent = price(cents * count);
      row.append(head, cell);
      return row;
    }),
  );
  find("total").textContent = price(total);
  root.querySelector("table").hidden = lines.length === 0;
  find("order").hidden = lines.length === 0;
  find("empty").hidden = lines.length > 0;
  return { lines, total };
}

find("order").addEventListener("click", () => {
  const { lines, total } = show();
  track("purchase", { amount_cents: total, currency: "EUR", items: lines.length });
  saveCart([]);
  show();
  find("empty").hidden = true;
  find("paid").textContent = price(total);
  find("done").hidden = false;
  find("done").focus();
});
if (show().lines.length > 0) track("began_checkout", { amount_cents: show().total });
