// Signing up: what an application does when it learns who the visitor is.
import { track } from "./shop.js";

const root = document.querySelector("[data-signup]");
const form = root.querySelector("form");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  // A shop would have its server make the account.
  const account = `user_${String(crypto.getRandomValues(new Uint32Array(1))[0])
    .slice(-5)
    .padStart(5, "0")}`;
  const name = form.elements.name.value.trim();
  const plan = form.elements.plan.value;
  window.mm?.identify(account, { name, plan });
  track("signup", { plan });
  root.querySelector("[data-welcome]").textContent = `Welcome, ${name}`;
  root.querySelector("[data-account]").textContent = account;
  form.hidden = true;
  const done = root.querySelector("[data-done]");
  done.hidden = false;
  done.focus();
});
