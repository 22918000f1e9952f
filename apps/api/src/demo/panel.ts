/** The panel beside every page; panel.js fills it. */
export const panel = `<aside class="panel" id="panel" aria-label="What the platform knows about you" data-state="waiting">
<header>
<h2><span class="dot" aria-hidden="true"></span>What Millimetric knows about you</h2>
<button type="button" class="fold" aria-expanded="true" aria-controls="panel-body">Hide</button>
</header>
<div class="body" id="panel-body">
<p class="notice" data-notice role="status">Waiting for your first event …</p>

<section class="who" aria-labelledby="who-title">
<h3 id="who-title">You</h3>
<dl>
<dt>Visitor</dt><dd><code data-visitor title="anonymous_id">–</code></dd>
<dt>User</dt><dd><strong data-owner>nobody yet</strong></dd>
</dl>
</section>

<section aria-labelledby="touch-title">
<h3 id="touch-title">First touch</h3>
<p class="touch" data-touch>–</p>
<p class="fine" data-touch-why></p>
</section>

<section class="moment" aria-labelledby="moment-title">
<h3 id="moment-title">The moment you sign up</h3>
<p data-moment aria-live="polite">Browse a little first, then <a href="/demo/signup">sign up</a>.</p>
</section>

<section aria-labelledby="events-title">
<h3 id="events-title">Events <span class="number" data-event-count>0</span></h3>
<div class="scroll" tabindex="0" role="group" aria-labelledby="events-title">
<table>
<thead><tr><th scope="col">Event</th><th scope="col">Source</th><th scope="col"><code>user_id</code></th><th scope="col">Belongs to</th></tr></thead>
<tbody data-events></tbody>
</table>
</div>
</section>

<section aria-labelledby="sessions-title">
<h3 id="sessions-title">Sessions <span class="number" data-session-count>0</span></h3>
<ol class="sessions" data-sessions></ol>
</section>

<section aria-labelledby="try-title">
<h3 id="try-title">Play a visit</h3>
<ul class="try">
<li><a data-arrive href="/demo?utm_source=facebook&amp;utm_medium=cpc&amp;utm_campaign=spring&amp;fbclid=IwAR0demo">From a Facebook ad</a></li>
<li><a data-arrive href="/demo/coffee/paper-lantern?gclid=demo">From a Google ad</a></li>
<li><a data-arrive href="/demo?utm_source=newsletter&amp;utm_medium=email&amp;utm_campaign=may">From the newsletter</a></li>
<li><a data-arrive href="/demo">Come back directly</a></li>
</ul>
<p class="fine">Each begins a new visit, as half an hour without an event would.</p>
<p class="buttons"><button type="button" data-logout hidden>Log out</button><button type="button" data-reset>Become somebody new</button></p>
</section>

<section aria-labelledby="ask-title">
<h3 id="ask-title">Ask the API yourself</h3>
<pre tabindex="0"><code data-ask></code></pre>
<p class="fine"><code>$RK</code> is the demo project's <code>rk_…</code> key, printed where the platform was started.</p>
</section>
</div>
</aside>`;
