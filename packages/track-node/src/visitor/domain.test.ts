import { getDomain, getPublicSuffix } from "tldts";
import { expect, test } from "vitest";
import { registrableDomain, sharedHosts } from "./domain.ts";

// The list of public suffixes itself, which browsers follow, is the oracle.
const psl = { allowPrivateDomains: true } as const;

test.each([...sharedHosts])("%s is a public suffix: each name under it is a site of its own", (host) => {
  expect(getPublicSuffix(host, psl)).toBe(host);
  expect(registrableDomain(`www.mine.${host}`)).toBe(`mine.${host}`);
});

const suffixes =
  `com net org io ai app dev co me shop store online cloud tech xyz info biz de fr nl it es se no dk fi pl ch at be cz eu
  ca us in ru ie pt ro hu gr cn jp kr tv cc to gg so sh fm ly am la
  co.uk org.uk me.uk ac.uk gov.uk ltd.uk plc.uk net.uk com.au net.au org.au edu.au gov.au id.au co.nz net.nz org.nz
  co.jp or.jp ne.jp ac.jp go.jp co.kr or.kr go.kr com.br net.br org.br gov.br com.mx org.mx gob.mx com.ar gob.ar com.co net.co
  com.pe gob.pe com.ve com.uy com.tr org.tr gov.tr com.cn net.cn org.cn gov.cn com.hk com.tw org.tw com.sg edu.sg com.my com.ph
  co.id or.id ac.id co.th in.th or.th ac.th com.vn co.in net.in org.in firm.in gen.in ind.in co.za org.za com.ng com.gh co.ke or.ke
  co.il org.il com.ua net.ua com.pl net.pl org.pl com.es nom.es org.es com.pt com.gr com.eg com.sa com.pk com.bd`.split(
    /\s+/,
  );

test.each(suffixes)("a name under %s is found, whatever stands before it", (suffix) => {
  for (const host of [`example.${suffix}`, `www.example.${suffix}`, `a.b.example.${suffix}`])
    expect(registrableDomain(host)).toBe(getDomain(host, psl));
  expect(registrableDomain(suffix)).toBeUndefined();
});
