import fc from "fast-check";
import { expect, test } from "vitest";
import { createDeviceReader, readDevice, tellsOfVisitor, unknownDevice } from "../src/index.ts";

const webkit = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const blink = "AppleWebKit/537.36 (KHTML, like Gecko)";

test.each([
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${blink} Chrome/142.0.0.0 Safari/537.36`, "desktop Chrome Windows"],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${blink} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`,
    "desktop Edge Windows",
  ],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Version/26.0 Safari/605.1.15`, "desktop Safari macOS"],
  ["Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "desktop Firefox Linux"],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${blink} Chrome/142.0.0.0 Safari/537.36`, "desktop Chrome ChromeOS"],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) ${webkit} Version/18.1 Mobile/15E148 Safari/604.1`,
    "mobile Safari iOS",
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) ${webkit} CriOS/142.0.0.0 Mobile/15E148 Safari/604.1`,
    "mobile Chrome iOS",
  ],
  [`Mozilla/5.0 (Linux; Android 10; K) ${blink} Chrome/142.0.0.0 Mobile Safari/537.36`, "mobile Chrome Android"],
  [
    `Mozilla/5.0 (Linux; Android 14; SM-S911B) ${blink} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36`,
    "mobile Samsung Internet Android",
  ],
  ["Mozilla/5.0 (Android 14; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0", "mobile Firefox Android"],
  [
    `Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) ${webkit} Version/16.6 Mobile/15E148 Safari/604.1`,
    "tablet Safari iOS",
  ],
  [`Mozilla/5.0 (Linux; Android 13; SM-X900) ${blink} Chrome/142.0.0.0 Safari/537.36`, "tablet Chrome Android"],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) ${webkit} Mobile/21B91 [FBAN/FBIOS;FBAV/440.0.0.33.104;FBBV/541;FBDV/iPhone14,2]`,
    "mobile Facebook iOS",
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) ${webkit} Mobile/15E148 Instagram 300.0 (iPhone14,2)`,
    "mobile Instagram iOS",
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) ${webkit} Mobile/15E148 musical_ly_32 JsSdk/2.0 BytedanceWebview/d8a`,
    "mobile TikTok iOS",
  ],
  [
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/6.0 TV Safari/538.1",
    "tv Safari Tizen",
  ],
  [
    `Mozilla/5.0 (PlayStation; PlayStation 5/2.26) ${webkit} Version/13.0 Safari/605.1.15`,
    "console Safari PlayStation",
  ],
  ["", "  "],
  ["something else", "  "],
])("%s", (userAgent, expected) => {
  const { device_type, browser, os } = readDevice(userAgent);
  expect(`${device_type} ${browser} ${os}`).toBe(expected);
});

test.each([
  ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "user_agent:googlebot"],
  ["Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "user_agent:bingbot"],
  [`Mozilla/5.0 ${blink}; compatible; GPTBot/1.2; +https://openai.com/gptbot`, "user_agent:gptbot"],
  [`Mozilla/5.0 (X11; Linux x86_64) ${blink} HeadlessChrome/142.0.0.0 Safari/537.36`, "user_agent:headlesschrome"],
  ["facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "user_agent:facebookexternalhit"],
  ["Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "user_agent:ahrefsbot"],
  ["curl/8.5.0", "user_agent:curl"],
])("%s is a bot", (userAgent, bot_reason) => {
  expect(readDevice(userAgent)).toMatchObject({ is_bot: true, bot_reason });
  // A phone whose maker's name ends in bot.
  const cubot = `Mozilla/5.0 (Linux; Android 13; CUBOT P60) ${blink} Chrome/142.0.0.0 Mobile Safari/537.36`;
  expect(readDevice(cubot)).toMatchObject({ is_bot: false, bot_reason: "" });
});

test("a request tells of a visitor when a browser or a crawler made it, not when a program delivers events", () => {
  const visitors = [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${blink} Chrome/142.0.0.0 Safari/537.36`,
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
    "Twitterbot/1.0",
    "facebookexternalhit/1.1",
  ];
  const programs = [
    "node",
    "undici",
    "curl/8.5.0",
    "okhttp/4.12.0",
    "python-requests/2.31",
    "Go-http-client/2.0",
    "MyBackend/1.0",
    "",
  ];
  expect(visitors.filter((one) => !tellsOfVisitor(one))).toEqual([]);
  expect(programs.filter(tellsOfVisitor)).toEqual([]);
});

const odd = fc.oneof(
  fc.string({ unit: "binary", maxLength: 700 }),
  fc
    .array(
      fc.constantFrom(
        "Mozilla/5.0 ",
        "(",
        ")",
        "; ",
        "Android ",
        "wv",
        "bot",
        "(((((",
        "/1.",
        "Chrome/",
        "Safari",
        "  ",
        "\u0000",
        "é",
      ),
      {
        maxLength: 200,
      },
    )
    .map((parts) => parts.join("")),
);

test("never throws, and its answers are bounded", () => {
  fc.assert(
    fc.property(odd, (userAgent) => {
      const device = readDevice(userAgent);
      for (const text of [device.device_type, device.browser, device.os, device.bot_reason])
        expect(text.length).toBeLessThanOrEqual(128);
      expect(device.is_bot).toBe(device.bot_reason !== "");
    }),
    { seed: 9, numRuns: 1000 },
  );
});

test("looks at no more than 512 code units", () => {
  const long = `${"x".repeat(512)} Googlebot/2.1`;
  expect(readDevice(long)).toEqual(readDevice("x".repeat(512)));
});

test("a reader that remembers answers as one that does not, however little it remembers", () => {
  const read = createDeviceReader(2);
  const agents = [
    "curl/8",
    "",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Googlebot/2.1",
    "x",
  ];
  fc.assert(
    fc.property(fc.constantFrom(...agents), (userAgent) => {
      expect(read(userAgent)).toEqual(readDevice(userAgent));
    }),
    { seed: 2 },
  );
  expect(read("")).toBe(unknownDevice);
});
