import { type Coffee, coffees, price } from "./catalogue.ts";
import type { Page } from "./layout.ts";

/** A bag of coffee; its colours come from the stylesheet. */
const bag = ({ slug, roast }: Coffee) => `<svg class="bag ${slug}" viewBox="0 0 120 150" aria-hidden="true">
<path class="paper" d="M18 22h84l6 120a6 6 0 0 1-6 6H18a6 6 0 0 1-6-6z"/>
<path class="lid" d="M18 8h84v18H18z"/>
<circle class="sun" cx="60" cy="86" r="26"/>
<path class="sea" d="M29 92q10.3-8 20.6 0t20.7 0 20.7 0M35 102q8.3-7 16.6 0t16.7 0 16.7 0"/>
<text x="60" y="138" text-anchor="middle">${roast}</text>
</svg>`;

const card = (coffee: Coffee) => `<li class="card">
<a href="/demo/coffee/${coffee.slug}">${bag(coffee)}<span class="name">${coffee.name}</span></a>
<p class="notes">${coffee.notes}</p>
<p class="buy"><span class="price">${price(coffee.cents)}</span>
<button type="button" data-add="${coffee.slug}" data-name="${coffee.name}" data-cents="${coffee.cents}">Add<span class="hidden"> ${coffee.name}</span> to cart</button></p>
</li>`;

export const home: Page = {
  title: "Ferrywharf Coffee",
  main: `<section class="hero">
<p class="kicker">Roasted on Tuesdays, sent on Wednesdays</p>
<h1>Coffee for people who take the slow boat.</h1>
<p>Three coffees, one of them without caffeine. <a href="/demo/about">How we roast</a>, or <a href="/demo/box">build a box</a> of your own.</p>
</section>
<ul class="cards">${coffees.map(card).join("\n")}</ul>`,
};

export const product = (coffee: Coffee): Page => ({
  title: `${coffee.name} · Ferrywharf Coffee`,
  main: `<article class="product">
${bag(coffee)}
<div>
<p class="kicker">${coffee.roast}</p>
<h1>${coffee.name}</h1>
<p class="notes">${coffee.notes}</p>
<p>${coffee.story}</p>
<p class="buy"><span class="price">${price(coffee.cents)}</span> <span class="fine">250 g</span>
<button type="button" data-add="${coffee.slug}" data-name="${coffee.name}" data-cents="${coffee.cents}">Add to cart</button></p>
<p><a href="/demo">All coffees</a></p>
</div>
</article>`,
});

export const about: Page = {
  title: "About · Ferrywharf Coffee",
  main: `<article class="prose">
<h1>A small roastery by the ferry</h1>
<p>We roast on Tuesdays, while the boats are out, and send on Wednesdays. Nothing here is real but the events: each page that you open, and each
button that you press, is an event on its way to ClickHouse, and the panel beside this text asks what is stored about you.</p>
<h2>What to try</h2>
<ol>
<li>Arrive <a data-arrive href="/demo?utm_source=facebook&amp;utm_medium=cpc&amp;utm_campaign=spring&amp;fbclid=IwAR0demo">from a Facebook ad</a> and look around.</li>
<li><a data-arrive href="/demo">Come back directly</a>: a new session, and the ad is still your first touch.</li>
<li><a href="/demo/signup">Sign up</a>, and watch what you did before become yours. No row is rewritten.</li>
<li>Log out in the panel, browse, and sign up as somebody else: two users of one browser stay two.</li>
</ol>
</article>`,
};

const roasts = coffees.map(
  ({ slug, name, roast }) =>
    `<label><input type="radio" name="roast" value="${slug}">${name}<small>${roast}</small></label>`,
);
const sizes = [3, 6, 12].map(
  (bags) =>
    `<label><input type="radio" name="bags" value="${bags}">${bags} bags<small>${price(bags * 1300)}</small></label>`,
);

/** One document for every address of the box: its steps are navigations within the page. */
export const box: Page = {
  title: "Build a box · Ferrywharf Coffee",
  scripts: ["box.js"],
  main: `<section class="box" data-box>
<p class="kicker">A single-page application: its steps are <code>history.pushState</code></p>
<h1>Build a box</h1>
<ol class="steps"><li data-step-mark="/demo/box">Roast</li><li data-step-mark="/demo/box/size">Size</li><li data-step-mark="/demo/box/review">Review</li></ol>
<form>
<fieldset data-step="/demo/box"><legend>Which coffee?</legend><div class="choices">${roasts.join("")}</div></fieldset>
<fieldset data-step="/demo/box/size" hidden><legend>How many?</legend><div class="choices">${sizes.join("")}</div></fieldset>
<div data-step="/demo/box/review" hidden><p class="summary" data-summary></p></div>
<p class="buttons"><button type="button" class="quiet" data-back>Back</button><button type="submit" data-next>Next</button></p>
</form>
</section>`,
};

export const signup: Page = {
  title: "Sign up · Ferrywharf Coffee",
  scripts: ["signup.js"],
  main: `<section class="form" data-signup>
<h1>Become a regular</h1>
<p>Free shipping, and coffee before the shop has it. Look at the panel when you press the button.</p>
<form>
<label>First name<input name="name" autocomplete="off" required maxlength="40" value="Robin"></label>
<fieldset><legend>Plan</legend><div class="choices">
<label><input type="radio" name="plan" value="taster" checked>Taster<small>one bag a month</small></label>
<label><input type="radio" name="plan" value="regular">Regular<small>two bags a month</small></label>
</div></fieldset>
<p class="buttons"><button type="submit">Sign up</button></p>
</form>
<div class="done" data-done hidden tabindex="-1"><h2 data-welcome></h2><p>Your account is <code data-account></code>. What you did before belongs to it now; the panel shows how.</p>
<p><a href="/demo">Back to the coffee</a></p></div>
</section>`,
};

export const checkout: Page = {
  title: "Checkout · Ferrywharf Coffee",
  scripts: ["checkout.js"],
  main: `<section class="form" data-checkout>
<h1>Checkout</h1>
<table class="lines"><caption class="hidden">Your cart</caption><tbody data-lines></tbody><tfoot><tr><th scope="row">Total</th><td data-total></td></tr></tfoot></table>
<p data-empty hidden>Your cart is empty. <a href="/demo">Look at the coffee</a>.</p>
<p class="buttons"><button type="button" data-order>Place the order</button></p>
<div class="done" data-done hidden tabindex="-1"><h2>Thank you</h2><p>One <code>purchase</code> event, worth <span data-paid></span>, credited to the visit that brought you here first.</p>
<p><a href="/demo">Back to the coffee</a></p></div>
</section>`,
};
