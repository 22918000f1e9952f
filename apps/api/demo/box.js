// A small single-page application: three steps, each with an address of its own.
import { add, price, track } from "./shop.js";

const steps = ["/demo/box", "/demo/box/size", "/demo/box/review"];
const root = document.querySelector("[data-box]");
const form = root.querySelector("form");
const chosen = (name) => form.elements[name].value;

function show() {
  let at = Math.max(0, steps.indexOf(location.pathname));
  // Nobody reviews an empty box: the earliest step that lacks an answer comes first.
  if (at > 0 && !chosen("roast")) at = 0;
  if (at > 1 && !chosen("bags")) at = 1;
  for (const part of root.querySelectorAll("[data-step]")) part.hidden = part.dataset.step !== steps[at];
  for (const mark of root.querySelectorAll("[data-step-mark]")) {
    if (mark.dataset.stepMark === steps[at]) mark.setAttribute("aria-current", "step");
    else mark.removeAttribute("aria-current");
  }
  const name = form.querySelector("[name=roast]:checked")?.parentElement.firstChild.nextSibling.textContent ?? "";
  const bags = Number(chosen("bags"));
  root.querySelector("[data-summary]").textContent = `${bags} bags of ${name}, ${price(bags * 1300)}`;
  root.querySelector("[data-next]").textContent = at === 2 ? "Put the box into the cart" : "Next";
  root.querySelector("[data-back]").hidden = at === 0;
  return at;
}

const go = (path) => {
  history.pushState({}, "", path);
  show();
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const at = show();
  if (at < 2) {
    if (chosen(at === 0 ? "roast" : "bags")) go(steps[at + 1]);
    return;
  }
  const bags = Number(chosen("bags"));
  track("built_box", { roast: chosen("roast"), bags });
  add({ slug: `box-${chosen("roast")}`, name: `Box of ${bags}`, cents: bags * 1300, count: 1 });
  location.href = "/demo/checkout";
});
root.querySelector("[data-back]").addEventListener("click", () => history.back());
addEventListener("popstate", show);
show();
